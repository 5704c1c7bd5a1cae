//! A customer who changes the SIM, whatever becomes of the server meanwhile; and what is left of it in the
//! store.

use std::path::Path;

use serde_json::Value;
use thoai::domain::contact::ContactKey;
use thoai::domain::conversation::{Conversation, Line};
use thoai::domain::id::{AccountId, ChannelName, ContactId};
use thoai::domain::ticket::Ticket;
use thoai::store::sled::SledStore;
use thoai::store::{Conversations, Tickets};

use super::platform::{Platform, Sent, payload, post};
use super::server::{Fault, House, PAGE, Server};

pub(super) const CUSTOMER: &str = "7000000000000001";

/// What the customer writes, and a part of the last message of the answer to it that is in no other message.
pub(super) const SCRIPT: [(&str, &str); 8] = [
    ("đổi sim", "Anh/chị có muốn đổi sang SIM 4G"),
    ("có", "MobiFone xin phép lưu"),
    ("đồng ý", "đổi SIM cho số nào"),
    ("0901234567", "địa chỉ nhận SIM"),
    ("12 Nguyễn Huệ, phường Sài Gòn, TP Hồ Chí Minh", "nhận SIM vào buổi nào"),
    ("buổi sáng", "có đang cách ly y tế"),
    ("không", "thông tin đã đúng chưa"),
    ("đúng", "Cảm ơn anh/chị! Nhân viên MobiFone sẽ gọi"),
];

/// The conversation of a server through its lives: whenever it is found dead it is started again, without
/// the fault, and what it did not acknowledge is posted again.
pub(super) struct Lives<'a> {
    house: &'a House,
    platform: &'a Platform,
    server: Server,
    /// Exit codes of the servers that ended by themselves.
    crashes: Vec<Option<i32>>,
}

impl<'a> Lives<'a> {
    pub(super) fn begin(house: &'a House, platform: &'a Platform, shim: &Path, fault: Fault) -> Self {
        let mut crashes = Vec::new();
        let server = match house.start_with(shim, fault) {
            Ok(server) => server,
            Err(ended) => {
                crashes.push(ended.code);
                platform.next_life();
                house.start()
            }
        };
        Self { house, platform, server, crashes }
    }

    fn bury(&mut self) {
        self.crashes.push(self.server.ended());
        self.platform.next_life();
        self.server = self.house.start();
    }

    /// Posts until it is acknowledged.
    fn post(&mut self, payload: &str) {
        while post(&self.server.address, payload).ok() != Some(200) {
            self.bury();
        }
    }

    fn wait(&mut self, part: &str) {
        let heard = |record: &super::platform::Record| record.sent.iter().any(|sent| sent.text.contains(part));
        while !self.platform.wait(part, heard, || self.server.is_dead()) {
            self.bury();
        }
    }

    /// The whole conversation.
    pub(super) fn converse(&mut self) {
        for (number, (text, answer)) in SCRIPT.iter().enumerate() {
            self.post(&payload(&[(CUSTOMER, &format!("m_{number}"), text)]));
            self.wait(answer);
        }
    }

    /// Stops the server when it has nothing left to do, and reads what there is. Returns also the exit codes
    /// of the servers that ended by themselves.
    pub(super) fn end(mut self) -> (Vec<Option<i32>>, Remains) {
        for _ in 0..3 {
            let code = self.server.stop();
            if code != Some(0) {
                self.crashes.push(code);
            }
            self.platform.next_life();
            let remains = Remains::read(self.house, self.platform, CUSTOMER);
            if !remains.is_waiting {
                return (self.crashes, remains);
            }
            // It was sent and not settled: there will be a repeat, and then it is over.
            let before = self.platform.record().sent.len();
            self.server = self.house.start();
            self.platform.expect("the repeat of what was not settled", |record| record.sent.len() > before);
        }
        panic!("something in the outbox is sent again and again");
    }
}

/// What is in the store of one conversation, and what came of it at the platform.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) conversation: Option<Conversation>,
    /// Number and line of each entry: everything but its time.
    pub(super) transcript: Vec<(u64, Line)>,
    pub(super) tickets: Vec<Ticket>,
    /// Accepted, not yet answered.
    pub(super) inbox: usize,
    /// Something is in the inbox or the outbox of some conversation.
    pub(super) is_waiting: bool,
    /// What the platform took, repeats included.
    pub(super) sent: Vec<Sent>,
}

impl Remains {
    /// Reads the data folder of a house where no server runs.
    pub(super) fn read(house: &House, platform: &Platform, contact: &str) -> Self {
        let store = SledStore::open(&house.data()).expect("the store opens again");
        platform.block_on(Self::look(&store, platform, contact))
    }

    pub(super) async fn look(store: &SledStore, platform: &Platform, contact: &str) -> Self {
        let id = key(contact).conversation();
        let conversation = store.load(&id).await.expect("it can be read");
        let mut tickets = Vec::new();
        for ticket in conversation.iter().flat_map(|conversation| &conversation.tickets) {
            tickets.extend(store.ticket(ticket).await.expect("it can be read"));
        }
        let entries = store.transcript(&id, 0, 1_000).await.expect("it can be read");
        Self {
            transcript: entries.into_iter().map(|entry| (entry.number, entry.line)).collect(),
            inbox: store.inbox(&id, 1_000).await.expect("it can be read").len(),
            is_waiting: !store.unfinished().await.expect("it can be read").is_empty(),
            sent: platform.record().sent.iter().filter(|sent| sent.contact == contact).cloned().collect(),
            conversation,
            tickets,
        }
    }

    /// What was sent, each message once if its repeats follow it at once.
    pub(super) fn without_repeats(&self) -> Vec<(&str, &str)> {
        let mut sent: Vec<_> = self.sent.iter().map(|sent| (sent.tag.as_str(), sent.text.as_str())).collect();
        sent.dedup();
        sent
    }

    /// The tickets without their times.
    pub(super) fn timeless_tickets(&self) -> Vec<Value> {
        let tickets = self.tickets.iter().map(|ticket| serde_json::to_value(ticket).expect("a ticket serialises"));
        tickets.map(without_times).collect()
    }

    /// The conversation without its times.
    pub(super) fn timeless_conversation(&self) -> Value {
        without_times(serde_json::to_value(&self.conversation).expect("a conversation serialises"))
    }

    /// Why this is not what the uninterrupted run has left, or nothing.
    pub(super) fn differs_from(&self, uninterrupted: &Self) -> Option<String> {
        let repeats: Vec<_> = self.sent.windows(2).filter(|pair| pair[0].tag == pair[1].tag).collect();
        // The only repeat there may be: the last message of one life is the first of the next.
        let honest = repeats.len() <= 1 && repeats.iter().all(|pair| pair[0].life != pair[1].life);
        let differs = [
            ("the transcript", self.transcript != uninterrupted.transcript),
            ("the tickets", self.timeless_tickets() != uninterrupted.timeless_tickets()),
            ("the conversation", self.timeless_conversation() != uninterrupted.timeless_conversation()),
            ("what was delivered", self.without_repeats() != uninterrupted.without_repeats()),
            ("the number of repeats", !honest),
            ("what is still waiting", self.is_waiting),
        ];
        let what = differs.iter().find(|(_, differs)| *differs)?.0;
        Some(format!("{what} is different: {self:#?}"))
    }
}

pub(super) fn key(contact: &str) -> ContactKey {
    let (channel, account) = (ChannelName::new("messenger"), AccountId::new(PAGE));
    ContactKey { channel, account, contact: ContactId::new(contact) }
}

fn without_times(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields
                .retain(|name, _| !["at", "created_at", "last_seen", "since", "offer_until"].contains(&name.as_str()));
            fields.values_mut().for_each(|field| *field = without_times(field.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_times(item.take())),
        _ => {}
    }
    value
}
