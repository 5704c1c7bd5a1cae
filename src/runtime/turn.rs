//! One turn: what is known, the engine, one commit. The only place that commits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::channel::{Channel, Delivery, render};
use crate::domain::consent::{Consent, ConsentDecision};
use crate::domain::contact::Profile;
use crate::domain::conversation::{Conversation, Entry, Given, Line, Owner, PromptAnswer};
use crate::domain::id::{ConversationId, TicketId};
use crate::domain::limits::{Limits, TextUnit};
use crate::domain::message::{Choice, Event, Inbound};
use crate::domain::slot::{Slots, Value};
use crate::domain::target::TargetEvent;
use crate::domain::ticket::{Course, Ticket, TicketKind, TicketRequest, TicketStatus};
use crate::domain::time::Timestamp;
use crate::engine::{self, Effect, Input, Turn};
use crate::routing::{Asked, Idle};
use crate::store::{self, Commit, Consumed, Link, StoreError};
use crate::text;

use super::decide::{Moment, comes_by_itself, stand};
use super::metrics::Metrics;
use super::{Runtime, clock, registry};

/// How often a turn is redone when somebody else changed the conversation meanwhile.
const TRIES: usize = 3;
/// An event older than this is written down but not answered: nobody waits for the answer any more.
const STALE: Duration = Duration::from_secs(48 * 3600);
/// How much of the conversation a person who takes over is shown, in transcript entries.
const SHOWN: u64 = 50;

impl Runtime {
    /// Runs one event through the engine and commits everything it leads to. The caller has entered the
    /// conversation. An event that was taken before changes nothing.
    pub(super) async fn turn(
        self: &Arc<Self>,
        id: &ConversationId,
        inbound: &Inbound,
        consumed: Consumed,
    ) -> Result<Turned, StoreError> {
        for _ in 0..TRIES {
            match self.try_turn(id, inbound, consumed.clone()).await {
                Ok(reply) => return Ok(Turned { is_new: true, reply }),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
            if let Consumed::Fresh { .. } = consumed
                && let Some(seen) = self.seen(id, inbound).await?
            {
                return Ok(Turned { is_new: false, reply: seen.reply.map(Bytes::from) });
            }
        }
        Err(StoreError::Conflict)
    }

    async fn try_turn(
        self: &Arc<Self>,
        id: &ConversationId,
        inbound: &Inbound,
        consumed: Consumed,
    ) -> Result<Option<Bytes>, StoreError> {
        let now = clock::now();
        let loaded = self.store.load(id).await?;
        let mut conversation = loaded.unwrap_or_else(|| Conversation::new(inbound.key.clone()));
        let known = conversation.profile.clone();
        let campaign = self.learn(&mut conversation, inbound, now).await?;
        let name = &inbound.key.channel;
        // Time goes on for a conversation whose channel is switched off; what is said waits for it.
        let channel = self.channels.get(name).cloned().or_else(|| registry::idle(name));
        let channel = channel.as_deref();
        let link = self.new_link(channel, &conversation, inbound, now);
        let (current, profile) = (self.flows(), conversation.profile.clone());
        let given = Given {
            revision: current.revision,
            stale: now.since(inbound.at) > STALE,
            profile: (profile != known).then(|| profile.clone()),
            link: link.as_ref().map(|(url, _, _)| url.clone()),
            campaign,
            closed: self.closed(now),
        };
        let moment = Moment { now, stale: given.stale, closed: &given.closed };
        let limits = channel.map_or_else(no_limits, Channel::limits);
        let input = Input {
            event: &inbound.event,
            channel: name,
            limits: &limits,
            contact: &profile,
            link: given.link.as_deref(),
            campaign: given.campaign.as_deref(),
        };
        let passage = self.passage(&conversation, &current).await?;
        let ground = stand(&mut conversation, &inbound.event, moment.stale, &current, passage.as_deref());
        let mut draft = Draft::new(id.clone(), conversation, now);
        if engine::speaks(&inbound.event) {
            draft.conversation.last_seen = draft.conversation.last_seen.max(inbound.at.min(now));
        }
        let mut turn = self.decide(&mut draft.conversation, &ground, input, moment);
        draft.take_down(inbound, &mut turn, given);
        self.carry_out(&mut draft, turn, channel).await?;
        if let Some((url, token, link)) = link
            && draft.said.iter().any(|(text, _)| text.contains(&url))
        {
            draft.links.push((token, link));
        }
        self.commit(draft, consumed, channel).await
    }

    /// What an event teaches about the contact. Returns the campaign whose signed link was opened.
    async fn learn(
        &self,
        conversation: &mut Conversation,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let profile = &mut conversation.profile;
        if let Some(phone) = self.channels.get(&inbound.key.channel).and_then(|c| c.vouches_for(&inbound.key.contact)) {
            (profile.phone, profile.phone_verified) = (Some(phone), true);
        }
        match &inbound.event {
            Event::Details { name, phone, .. } => {
                if let Some(name) = name.as_deref().and_then(text::name::read) {
                    profile.name = Some(name);
                }
                let phone = phone.as_deref().and_then(|phone| text::phone::read(phone).phone);
                if let (Some(phone), false) = (phone, profile.phone_verified) {
                    profile.phone = Some(phone);
                }
            }
            Event::Open { reference: Some(token) } if self.seal.is_link(token, now) => {
                if let Some(link) = self.store.claim(token, &inbound.key.conversation()).await? {
                    (profile.phone, profile.phone_verified) = (Some(link.phone), true);
                    return Ok(Some(link.campaign));
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// A fresh signed link for a contact whose number the network vouches for: its address, token and
    /// record. Kept only if the turn hands it out.
    fn new_link(
        &self,
        channel: Option<&dyn Channel>,
        conversation: &Conversation,
        inbound: &Inbound,
        now: Timestamp,
    ) -> Option<(String, String, Link)> {
        if channel?.delivery() != Delivery::Reply || !conversation.profile.phone_verified {
            return None;
        }
        let expires = now.plus(self.settings.link_valid);
        let token = self.seal.link(expires, clock::random());
        let campaign = match &inbound.event {
            Event::Prompt { campaign, .. } => campaign.clone(),
            _ => conversation.prompts.keys().next_back()?.clone(),
        };
        let link = Link { phone: conversation.profile.phone.clone()?, campaign, expires, claimed_by: None };
        Some((format!("{}/c/{token}", self.settings.public_url), token, link))
    }

    /// Turns what the engine asks for into what the commit holds.
    async fn carry_out(&self, draft: &mut Draft, turn: Turn, channel: Option<&dyn Channel>) -> Result<(), StoreError> {
        let before = draft.conversation.session.take();
        draft.conversation.session = turn.session;
        for effect in turn.effects {
            match effect {
                Effect::Say { step, text, choices, image } => draft.say(channel, Said { step, text, choices, image }),
                Effect::HandOff(request) => {
                    self.hand_off(draft, *request);
                }
                Effect::Person { queue } => {
                    draft.conversation.owner = Owner::Queue { queue, since: draft.now };
                    let request =
                        self.care_request(draft, before.as_ref().map(|session| &session.progress.slots)).await?;
                    let unit = self.hand_off(draft, request);
                    let text = engine::person_will_call(&unit);
                    draft.say(channel, Said { text, ..Said::default() });
                }
                Effect::Tickets(wish) => {
                    let (texts, acts) = self.about_tickets(&draft.conversation, &wish).await?;
                    if !texts.is_empty() {
                        draft.say(channel, Said { text: texts.join("\n"), ..Said::default() });
                    }
                    draft.outbox.extend(acts);
                }
                Effect::Erase => draft.erase(),
                Effect::Consent(consent) => draft.conversation.consents.push(consent),
                Effect::Prompt { campaign, answer } => {
                    // Before the commit, for it can be told again: an event that was not taken comes again.
                    let profile = &draft.conversation.profile;
                    if let Some(phone) = profile.phone.as_ref().filter(|_| profile.phone_verified) {
                        let yes = answer == PromptAnswer::Yes;
                        self.mark_target(&campaign, phone, TargetEvent::Answered { yes }).await?;
                    }
                    draft.conversation.prompts.insert(campaign, answer);
                }
                Effect::Speak(language) => draft.conversation.profile.language = language,
                Effect::Call(request) => draft.outbox.push(store::Effect::Call { request }),
                Effect::OptOut => draft.conversation.opted_out = true,
                Effect::Ended { flow, outcome } => draft.ended.push((flow, outcome)),
            }
        }
        Ok(())
    }

    /// Puts the ticket into the outbox. Returns the name of the unit that it would go to as things stand; it is given
    /// one for good when it is handed over.
    fn hand_off(&self, draft: &mut Draft, request: TicketRequest) -> String {
        let asked = Asked { request: &request, day: draft.now.day(), home: None, tried: &[] };
        let decision = self.organisation().decide(&asked, &Idle);
        let name = decision.unit.name.clone();
        let turn = draft.conversation.version + 1;
        let ticket = Ticket {
            id: TicketId::of(draft.id.as_str(), turn, draft.outbox.len()),
            status: TicketStatus::New,
            source: draft.conversation.key.channel.to_string(),
            conversation: Some(draft.id.clone()),
            request,
            unit: decision.unit,
            why: decision.why,
            created_at: draft.now,
            course: Course::default(),
        };
        draft.conversation.tickets.push(ticket.id.clone());
        draft.outbox.push(store::Effect::HandOff { ticket: Box::new(ticket) });
        name
    }

    /// What a person who takes over is given: whatever was collected, and the conversation so far.
    async fn care_request(&self, draft: &Draft, slots: Option<&Slots>) -> Result<TicketRequest, StoreError> {
        let slots = slots.cloned().unwrap_or_default();
        let from = draft.stored_entries.saturating_sub(SHOWN);
        let mut transcript = self.store.transcript(&draft.id, from, SHOWN as usize).await?;
        transcript.extend(draft.entries.iter().cloned());
        for entry in &mut transcript {
            // For running the turn again, not for reading: there may be a signed link in it.
            if let Line::Contact { given, .. } = &mut entry.line {
                *given = Given::default();
            }
        }
        let phone = slots.values().find_map(|value| match value {
            Value::Phone(phone) => Some(phone.clone()),
            _ => None,
        });
        let place = slots.values().find_map(|value| match value {
            Value::Address(address) => Some(address.clone()),
            _ => None,
        });
        let mut contact = draft.conversation.profile.clone();
        contact.phone = contact.phone.or_else(|| phone.clone());
        Ok(TicketRequest {
            kind: TicketKind::Care,
            contact,
            subscriber: phone,
            place,
            quarantine: false,
            slots,
            transcript,
        })
    }

    async fn commit(
        self: &Arc<Self>,
        draft: Draft,
        consumed: Consumed,
        channel: Option<&dyn Channel>,
    ) -> Result<Option<Bytes>, StoreError> {
        let reply = channel.filter(|channel| channel.delivery() == Delivery::Reply).map(|channel| {
            let text = render::reply(&draft.said, &channel.limits());
            channel.reply(&text, draft.conversation.session.is_some())
        });
        let (id, now, next) = (draft.id.clone(), draft.now, draft.conversation.next_entry);
        let (leaves, ended) = (!draft.outbox.is_empty(), draft.ended);
        let expected = draft.conversation.version;
        let conversation = Conversation { version: expected + 1, ..draft.conversation };
        self.store
            .commit(Commit {
                expected,
                conversation,
                entries: draft.entries,
                outbox: draft.outbox,
                consumed,
                reply: reply.as_ref().map(|reply| reply.to_vec()),
                links: draft.links,
                erase: draft.erase,
                now,
            })
            .await?;
        // Only now: a turn that was refused, as a duplicate's is, ended nothing.
        for (flow, outcome) in ended {
            Metrics::count(&self.metrics.ended, &flow, &outcome);
        }
        self.watchers.moved(&id, next);
        if leaves {
            self.schedule.add(&id, now);
        }
        Ok(reply)
    }

    /// Gives the conversation back to the bot. Returns false when the bot had it, or there is none.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn give_back(self: &Arc<Self>, id: &ConversationId) -> Result<bool, StoreError> {
        let (runtime, id) = (Arc::clone(self), id.clone());
        self.finish_anyway(async move { runtime.hand_back(&id).await }).await
    }

    async fn hand_back(self: &Arc<Self>, id: &ConversationId) -> Result<bool, StoreError> {
        let entered = self.mailboxes.enter(id).await;
        let Some(conversation) = self.store.load(id).await?.filter(|found| found.owner != Owner::Bot) else {
            return Ok(false);
        };
        let event = Event::Control { bot: true };
        let inbound = Inbound { key: conversation.key, id: String::new(), alias: None, at: clock::now(), event };
        self.turn(id, &inbound, Consumed::Nothing).await?;
        drop(entered);
        Ok(true)
    }
}

/// What came of an event.
pub(super) struct Turned {
    /// It had not been taken before.
    pub(super) is_new: bool,
    /// What was said to it, now or when it was taken, on channels that reply.
    pub(super) reply: Option<Bytes>,
}

/// Something said.
#[derive(Default)]
struct Said {
    step: String,
    text: String,
    choices: Vec<Choice>,
    image: Option<String>,
}

/// The limits of a channel that is none of ours any more: nothing leaves on it.
pub(super) fn no_limits() -> Limits {
    Limits { text: 1, unit: TextUnit::Char, choices: 0, choice_title: 0, window: None, accents: true, pushes: false }
}

/// A turn's commit in the making.
struct Draft {
    id: ConversationId,
    now: Timestamp,
    conversation: Conversation,
    /// How many entries the store holds already.
    stored_entries: u64,
    entries: Vec<Entry>,
    outbox: Vec<store::Effect>,
    /// What was said, for channels that reply: text and choices.
    said: Vec<(String, Vec<Choice>)>,
    links: Vec<(String, Link)>,
    /// The flows that ended, with their outcomes.
    ended: Vec<(String, String)>,
    erase: bool,
}

impl Draft {
    fn new(id: ConversationId, conversation: Conversation, now: Timestamp) -> Self {
        let stored_entries = conversation.next_entry;
        let (entries, outbox, said, links) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let ended = Vec::new();
        Self { id, now, conversation, stored_entries, entries, outbox, said, links, ended, erase: false }
    }

    /// Writes the event down with what the turn was given. What came by itself and led to nothing is not
    /// worth a line.
    fn take_down(&mut self, inbound: &Inbound, turn: &mut Turn, given: Given) {
        let event = &inbound.event;
        if comes_by_itself(event) && turn.effects.is_empty() && turn.session == self.conversation.session {
            // A moment that nothing came of would come again and again.
            if let (Event::Due, Some(session)) = (event, &mut turn.session) {
                session.due = session.due.filter(|due| due.at > self.now);
            }
            return;
        }
        self.entry(Line::Contact { id: inbound.id.clone(), event: event.clone(), given });
    }

    fn entry(&mut self, line: Line) {
        self.entries.push(Entry { number: self.conversation.next_entry, at: self.now, line });
        self.conversation.next_entry += 1;
    }

    fn say(&mut self, channel: Option<&dyn Channel>, said: Said) {
        let Said { step, text, choices, image } = said;
        let image = image.filter(|url| render::is_picture(url));
        if channel.is_some_and(|channel| channel.delivery() == Delivery::Request) {
            let limits = channel.map(Channel::limits).expect("checked above");
            // Unique within the conversation: the version and the place in the turn.
            let tag = format!("{}-{}-{}", self.id, self.conversation.version + 1, self.outbox.len());
            let picture = image.as_deref().map(|url| render::picture(url, &tag));
            let messages = picture.into_iter().chain(render::render(&text, &choices, &limits, &tag));
            self.outbox.extend(messages.map(|message| store::Effect::Send { message }));
        }
        self.said.push((text.clone(), choices.clone()));
        self.entry(Line::Bot { step, text, choices, image });
    }

    /// Forgets the contact, cancels what is still on its way, and tells the units that hold tickets. Only
    /// the proof of consent and of its withdrawal stays.
    fn erase(&mut self) {
        self.erase = true;
        self.conversation.profile = Profile::default();
        self.conversation.session = None;
        // The ticket that somebody was to answer is withdrawn: nobody will, so the bot does again.
        if let Owner::Queue { .. } = self.conversation.owner {
            self.conversation.owner = Owner::Bot;
        }
        let answer = match self.entries.first().map(|entry| &entry.line) {
            Some(Line::Contact { event: Event::Text { text }, .. }) => text.clone(),
            Some(Line::Contact { event: Event::Choice { title, .. }, .. }) => title.clone(),
            _ => String::new(),
        };
        self.conversation.consents.push(Consent {
            decision: ConsentDecision::Withdrawn,
            at: self.now,
            asked_by: String::new(),
            question: String::new(),
            answer,
        });
        // What this very turn was about to hand over or say is cancelled with the rest.
        self.outbox.clear();
        for ticket in std::mem::take(&mut self.conversation.tickets) {
            self.outbox.push(store::Effect::Withdraw { ticket });
        }
    }
}
