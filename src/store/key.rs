//! Where each record lies in an ordered store. One letter for the kind, then a name, then numbers
//! big-endian, so that the order of keys is the order of things.
//!
//! | key | record |
//! |---|---|
//! | `c` conversation `00` `c` | the conversation, behind its version and counters |
//! | `c` conversation `00` `e` number | the entries of one turn, under the number of the last |
//! | `i` conversation `00` number | an event accepted and not consumed |
//! | `o` conversation `00` number | an effect that must still leave |
//! | `d` day conversation `00` event | an event taken, and the reply to it |
//! | `t` ticket, `l` link, `v` name | a ticket, a link, a value of the vault |
//! | `h` ticket `00` number | a line of a ticket's history |
//! | `j` ticket `00` moment who | that somebody was shown the ticket |
//! | `y` ticket | the ticket that this one was a repetition of |
//! | `q` unit `00` status made ticket | the ticket, in the list of its unit |
//! | `k` due ticket | the ticket and the moment, where time makes something of it |
//! | `p` phone | the open tickets of a customer |
//! | `g` day unit `00` ticket | that the unit was given the ticket on this day |
//! | `w` due webhook | a webhook owed |
//! | `s` due conversation | the conversation and the moment, where its session moves by itself |
//! | `f` digest | the text of a flow file |
//! | `r` number | a revision; under 0, which one is in force |
//! | `b` list | the name of a list of targets |
//! | `m` list `00` part | the rows of a list of targets whose phones' digests begin so |
//! | `n` list `00` unit `00` part | the parts beginning so in which rows of the unit may be |
//!
//! Inbox and outbox have letters of their own: what is left there *is* the list of unfinished
//! conversations, and no index can disagree with it. Must never know what the records hold.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::WebhookRow;
use crate::domain::id::{ConversationId, TicketId, UnitId};
use crate::domain::phone::Phone;
use crate::domain::ticket::Sight;
use crate::domain::time::{Day, Timestamp};

/// A key.
pub(super) type Key = Vec<u8>;

/// Longest name that stands in a key as it is; longer ones are replaced by a digest.
const NAME: usize = 64;

/// Above every byte a name can begin with.
const PAST_NAMES: u8 = 0xff;

pub(super) fn conversation(id: &ConversationId) -> Key {
    thread(b'c', id, b"c")
}

/// The entries of one turn, the last of which has this number. A scan from the key of any number
/// therefore begins with the turn that holds it.
pub(super) fn entries(id: &ConversationId, last: u64) -> Key {
    numbered(thread(b'c', id, b"e"), last)
}

/// All entries with numbers from `from` on.
pub(super) fn entries_from(id: &ConversationId, from: u64) -> Range<Key> {
    entries(id, from)..thread(b'c', id, b"f")
}

pub(super) fn inbox(id: &ConversationId, number: u64) -> Key {
    numbered(thread(b'i', id, b""), number)
}

pub(super) fn inbox_of(id: &ConversationId) -> Range<Key> {
    within(thread(b'i', id, b""))
}

pub(super) fn outbox(id: &ConversationId, number: u64) -> Key {
    numbered(thread(b'o', id, b""), number)
}

pub(super) fn outbox_of(id: &ConversationId) -> Range<Key> {
    within(thread(b'o', id, b""))
}

/// The outbox up to and including `number`.
pub(super) fn outbox_through(id: &ConversationId, number: u64) -> Range<Key> {
    let mut end = outbox(id, number);
    end.push(0);
    thread(b'o', id, b"")..end
}

/// All inboxes, then all outboxes.
pub(super) fn waiting() -> [Range<Key>; 2] {
    [within(vec![b'i']), within(vec![b'o'])]
}

/// Whose inbox or outbox this row lies in, and where the next conversation's rows begin.
pub(super) fn waiting_for(row: &[u8]) -> Option<(ConversationId, Key)> {
    let end = row.iter().position(|&byte| byte == 0)?;
    let id = std::str::from_utf8(row.get(1..end)?).ok()?;
    Some((ConversationId::new(id), within(row[..=end].to_vec()).end))
}

/// An event taken on this day.
pub(super) fn seen(day: u32, id: &ConversationId, event: &str) -> Key {
    let mut key = seen_of(day, id).start;
    push_name(&mut key, event);
    key
}

/// Every event of one conversation taken on this day.
pub(super) fn seen_of(day: u32, id: &ConversationId) -> Range<Key> {
    let mut key = vec![b'd'];
    key.extend_from_slice(&day.to_be_bytes());
    push_name(&mut key, id.as_str());
    key.push(0);
    within(key)
}

/// Every event taken before this day.
pub(super) fn seen_before(day: u32) -> Range<Key> {
    let mut end = vec![b'd'];
    end.extend_from_slice(&day.to_be_bytes());
    vec![b'd']..end
}

/// The UTC day, counted from 1970-01-01; everything before is day 0.
pub(super) fn day(now: Timestamp) -> u32 {
    u32::try_from(now.seconds().div_euclid(86_400).max(0)).unwrap_or(u32::MAX)
}

pub(super) fn ticket(id: &TicketId) -> Key {
    named(b't', id.as_str())
}

pub(super) fn history(id: &TicketId, number: u64) -> Key {
    numbered(history_of(id).start, number)
}

pub(super) fn history_of(id: &TicketId) -> Range<Key> {
    let mut key = named(b'h', id.as_str());
    key.push(0);
    within(key)
}

pub(super) fn sight(sight: &Sight) -> Key {
    let mut key = moment(sights_of(&sight.ticket).start, sight.at);
    push_digest(&mut key, &[&format!("{:?}", sight.by)]);
    key
}

pub(super) fn sights_of(id: &TicketId) -> Range<Key> {
    let mut key = named(b'j', id.as_str());
    key.push(0);
    within(key)
}

pub(super) fn repeated(id: &TicketId) -> Key {
    named(b'y', id.as_str())
}

/// A unit's tickets of one status, in the order in which they were made.
pub(super) fn tickets_of(unit: &UnitId, status: u8) -> Range<Key> {
    let mut key = named(b'q', unit.as_str());
    key.extend([0, status]);
    within(key)
}

/// Every ticket in the list of its unit.
pub(super) fn all_tickets_of_units() -> Range<Key> {
    within(vec![b'q'])
}

pub(super) fn ticket_of(unit: &UnitId, status: u8, made: Timestamp, id: &TicketId) -> Key {
    let mut key = moment(tickets_of(unit, status).start, made);
    push_name(&mut key, id.as_str());
    key
}

/// In the order in which time makes something of tickets.
pub(super) fn ticket_due(at: Timestamp, id: &TicketId) -> Key {
    let mut key = due(b'k', at);
    push_name(&mut key, id.as_str());
    key
}

/// Every ticket of which time makes something at `now` or before.
pub(super) fn tickets_due(now: Timestamp) -> Range<Key> {
    all_due(b'k', now)
}

/// Always a digest: keys are printed in errors.
pub(super) fn customer(phone: &Phone) -> Key {
    let mut key = vec![b'p'];
    push_digest(&mut key, &[phone.e164()]);
    key
}

pub(super) fn target_list(list: &str) -> Key {
    named(b'b', list)
}

pub(super) fn target_lists() -> Range<Key> {
    within(vec![b'b'])
}

/// The part of every list in which a phone's row is. Always of a digest: keys are printed in errors.
pub(super) fn part(phone: &Phone) -> u16 {
    let digest = Sha256::digest(phone.e164());
    u16::from_be_bytes([digest[0], digest[1]])
}

pub(super) fn targets(list: &str, part: u16) -> Key {
    let mut key = all_targets(list).start;
    key.extend_from_slice(format!("{part:04x}").as_bytes());
    key
}

/// Every part of a list.
pub(super) fn all_targets(list: &str) -> Range<Key> {
    let mut key = named(b'm', list);
    key.push(0);
    within(key)
}

/// Which of the parts that begin with `sixteenth` may hold rows of a unit.
pub(super) fn parts_of(list: &str, unit: &UnitId, sixteenth: u16) -> Key {
    let mut key = named(b'n', list);
    key.push(0);
    push_name(&mut key, unit.as_str());
    key.push(0);
    key.extend_from_slice(format!("{sixteenth:x}").as_bytes());
    key
}

pub(super) fn given(day: Day, unit: &UnitId, id: &TicketId) -> Key {
    let mut key = given_on(day).start;
    push_name(&mut key, unit.as_str());
    key.push(0);
    push_name(&mut key, id.as_str());
    key
}

/// Everything that was given to units on a day.
pub(super) fn given_on(day: Day) -> Range<Key> {
    within([b"g", day.to_iso().as_bytes()].concat())
}

/// Everything that was given to units before a day.
pub(super) fn given_before(day: Day) -> Range<Key> {
    vec![b'g']..given_on(day).start
}

/// Always a digest: who reads a link may use it, and keys are printed in errors.
pub(super) fn link(link: &str) -> Key {
    let mut key = vec![b'l'];
    push_digest(&mut key, &[link]);
    key
}

pub(super) fn vault(name: &str) -> Key {
    named(b'v', name)
}

/// A flow file's text, under what it says: revisions share what did not change between them.
pub(super) fn flow_file(text: &str) -> (Key, String) {
    let mut key = vec![b'f'];
    push_digest(&mut key, &[text]);
    let digest = String::from_utf8(key[1..].to_vec()).expect("a digest is written in letters and digits");
    (key, digest)
}

pub(super) fn flow_file_named(digest: &str) -> Key {
    [b"f", digest.as_bytes()].concat()
}

pub(super) fn revision(number: u32) -> Key {
    numbered(vec![b'r'], number.into())
}

/// Which revision is in force: where no revision can be, for they are counted from 1.
pub(super) fn in_force() -> Key {
    revision(0)
}

/// All conversations after this one, or all.
pub(super) fn conversations_after(after: Option<&ConversationId>) -> Range<Key> {
    let all = within(vec![b'c']);
    let start = after.map_or(all.start, |id| within(thread(b'c', id, b"")).end);
    start..all.end
}

/// In the order in which they are due.
pub(super) fn webhook(row: &WebhookRow) -> Key {
    let mut key = due(b'w', row.due);
    push_digest(&mut key, &[&row.id, &row.endpoint]);
    key
}

/// Every webhook due at `now`.
pub(super) fn webhooks_due(now: Timestamp) -> Range<Key> {
    all_due(b'w', now)
}

/// Every webhook that was given up.
pub(super) fn webhooks_dead() -> Range<Key> {
    due(b'w', Timestamp::from_millis(super::DEAD))..within(vec![b'w']).end
}

/// In the order in which sessions move by themselves.
pub(super) fn session(at: Timestamp, id: &ConversationId) -> Key {
    let mut key = due(b's', at);
    push_name(&mut key, id.as_str());
    key
}

/// Every session that moves by itself at `now` or before.
pub(super) fn sessions_due(now: Timestamp) -> Range<Key> {
    all_due(b's', now)
}

fn all_due(kind: u8, now: Timestamp) -> Range<Key> {
    let mut end = due(kind, now);
    end.push(PAST_NAMES);
    vec![kind]..end
}

fn due(kind: u8, at: Timestamp) -> Key {
    moment(vec![kind], at)
}

fn moment(key: Key, at: Timestamp) -> Key {
    // Flipping the sign bit sorts the moments before 1970 before those after.
    numbered(key, at.millis().cast_unsigned() ^ (1 << 63))
}

fn thread(kind: u8, id: &ConversationId, rest: &[u8]) -> Key {
    let mut key = named(kind, id.as_str());
    key.push(0);
    key.extend_from_slice(rest);
    key
}

fn named(kind: u8, name: &str) -> Key {
    let mut key = Vec::with_capacity(1 + NAME + 10);
    key.push(kind);
    push_name(&mut key, name);
    key
}

fn numbered(mut key: Key, number: u64) -> Key {
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// Names come from outside: a long one, one that could end early (`00`) or one that could pass for a
/// digest is replaced by its digest.
fn push_name(key: &mut Key, name: &str) {
    let plain = name.len() <= NAME && !name.starts_with('#') && name.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && !name.is_empty() { key.extend_from_slice(name.as_bytes()) } else { push_digest(key, &[name]) }
}

fn push_digest(key: &mut Key, parts: &[&str]) {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    key.push(b'#');
    for byte in &hash.finalize()[..16] {
        key.extend_from_slice(format!("{byte:02x}").as_bytes());
    }
}

/// Every key that begins with `prefix`.
fn within(prefix: Key) -> Range<Key> {
    let mut end = prefix.clone();
    *end.last_mut().expect("a prefix has its kind") += 1; // no prefix here ends in ff
    prefix..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_of_one_conversation_are_never_in_anothers_range(a in ".{0,80}", b in ".{0,80}", number in any::<u64>()) {
            prop_assume!(a != b);
            let (a, b) = (ConversationId::new(a), ConversationId::new(b));
            prop_assert!(outbox_of(&a).contains(&outbox(&a, number)));
            prop_assert!(!outbox_of(&a).contains(&outbox(&b, number)));
            prop_assert!(!entries_from(&a, 0).contains(&entries(&b, number)));
            prop_assert!(!seen_of(7, &a).contains(&seen(7, &b, "mid")));
        }

        #[test]
        fn keys_of_one_list_are_never_in_anothers_range(a in ".{0,80}", b in ".{0,80}", part in any::<u16>()) {
            prop_assume!(a != b);
            prop_assert!(all_targets(&a).contains(&targets(&a, part)));
            prop_assert!(!all_targets(&a).contains(&targets(&b, part)));
            let (one, other) = (UnitId::new(&a), UnitId::new(&b));
            prop_assert_ne!(parts_of("x", &one, part >> 12), parts_of("x", &other, part >> 12));
        }

        #[test]
        fn keys_are_short_whatever_comes_from_outside(id in ".{0,300}", event in ".{0,3000}") {
            prop_assert!(seen(u32::MAX, &ConversationId::new(id), &event).len() <= 140);
            prop_assert!(vault(&event).len() <= 80);
        }

        #[test]
        fn numbers_and_moments_keep_their_order(a in any::<i64>(), b in any::<i64>()) {
            let row = |at| WebhookRow {
                id: "msg".into(), endpoint: "https://a".into(), body: String::new(), attempts: 0, due: Timestamp::from_millis(at),
            };
            prop_assert_eq!(webhook(&row(a)).cmp(&webhook(&row(b))), a.cmp(&b));
            prop_assert_eq!(webhooks_due(Timestamp::from_millis(b)).contains(&webhook(&row(a))), a <= b);
            let id = ConversationId::new("c_1");
            let (first, second) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(session(first, &id).cmp(&session(second, &id)), a.cmp(&b));
            prop_assert_eq!(sessions_due(second).contains(&session(first, &id)), a <= b);
            let (x, y) = (a.cast_unsigned(), b.cast_unsigned());
            prop_assert_eq!(inbox(&id, x).cmp(&inbox(&id, y)), x.cmp(&y));
            prop_assert_eq!(outbox_through(&id, y).contains(&outbox(&id, x)), x <= y);
        }
    }

    #[test]
    fn the_conversation_is_read_back_from_a_waiting_row() {
        let id = ConversationId::new("c_0123456789abcdef01234567");
        let (read, next) = waiting_for(&outbox(&id, u64::MAX)).unwrap();
        assert_eq!(read, id);
        assert!(next > outbox(&id, u64::MAX));
        assert_eq!(waiting_for(b"o"), None);
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let day_of = |text| day(Timestamp::parse_rfc3339(text).unwrap());
        assert_eq!(day_of("2026-11-22T23:59:59Z") + 1, day_of("2026-11-23T00:00:00Z"));
        assert_eq!(day(Timestamp::from_millis(-5)), 0);
    }
}
