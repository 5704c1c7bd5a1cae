//! Lists of targets.
//!
//! A list has millions of rows and an embedded store is slow in keys, not in bytes. So some fifteen rows share a record:
//! those of one of the 65,536 parts into which phones fall by their digests. For each unit is kept which parts may hold
//! rows of it. Rows that are put part by part (see `target_part`) write each record once.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::super::{PutTargets, StoreError, Targets, codec, key};
use super::{Key, Kv, KvStore, PAGE, Write};
use crate::domain::id::{TicketId, UnitId};
use crate::domain::phone::Phone;
use crate::domain::target::{Target, TargetEvent, TargetState};
use crate::domain::ticket::{Ticket, TicketKind};
use crate::domain::time::Timestamp;

/// Parts of a list that are read at once.
const PARTS: usize = 64;
/// Parts under one key of a unit: a sixteenth of all.
const SIXTEENTH: u16 = 1 << 12;

/// An import being planned.
#[derive(Default)]
struct Plan<'a> {
    write: Write,
    put: PutTargets,
    /// The parts in which there are new rows of units, by sixteenth.
    units: BTreeMap<(&'a UnitId, u16), BTreeSet<u16>>,
}

/// A part of a list: its key, its record, its rows by number.
struct Part {
    key: Key,
    record: Option<Vec<u8>>,
    rows: Vec<Target>,
}

#[async_trait]
impl<K: Kv> Targets for KvStore<K> {
    async fn put_targets(&self, list: &str, rows: &[Target]) -> Result<PutTargets, StoreError> {
        let mut parts: BTreeMap<u16, Vec<&Target>> = BTreeMap::new();
        for row in rows {
            parts.entry(key::part(&row.phone)).or_default().push(row);
        }
        self.act(|| {
            let mut plan = Plan::default();
            if !rows.is_empty() && self.kv.get(&key::target_list(list))?.is_none() {
                plan.write.put(key::target_list(list), &list);
            }
            for (number, rows) in &parts {
                self.plan_part(&mut plan, list, *number, rows)?;
            }
            for ((unit, sixteenth), parts) in plan.units {
                self.plan_unit(&mut plan.write, key::parts_of(list, unit, sixteenth), &parts)?;
            }
            Ok((plan.write, plan.put))
        })
        .await
    }

    async fn target(&self, list: &str, phone: &Phone) -> Result<Option<Target>, StoreError> {
        let mut part = self.part(list, key::part(phone))?;
        Ok(part.find(phone).ok().map(|ix| part.rows.swap_remove(ix)))
    }

    async fn targets_with(&self, phone: &Phone) -> Result<Vec<(String, Target)>, StoreError> {
        let mut rows = Vec::new();
        for list in self.lists()? {
            let row = self.target(&list, phone).await?;
            rows.extend(row.map(|row| (list, row)));
        }
        Ok(rows)
    }

    async fn targets_of(
        &self,
        list: &str,
        unit: Option<&UnitId>,
        after: Option<&Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        let limit = limit.min(PAGE);
        let is_wanted = |row: &Target| {
            let is_behind = |after: &Target| place(row) > place(after);
            unit.is_none_or(|unit| row.given_to == *unit) && after.is_none_or(is_behind)
        };
        let mut found = Vec::new();
        let mut from = after.map(|after| key::part(&after.phone));
        while found.len() < limit {
            let first = from.unwrap_or(0);
            let parts = self.parts(list, unit, first)?;
            let last = parts.last().map(|(number, _)| *number);
            let rows = parts.into_iter().flat_map(|(_, rows)| rows);
            found.extend(rows.filter(&is_wanted));
            match last.and_then(|last| last.checked_add(1)) {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn target_lists(&self) -> Result<Vec<String>, StoreError> {
        self.lists()
    }

    async fn count_targets(&self, list: &str) -> Result<[u64; TargetState::NAMES.len()], StoreError> {
        let mut counts = [0; TargetState::NAMES.len()];
        self.each(key::all_targets(list), |key, record| {
            let rows: Vec<Target> = codec::decode(&key, &record)?;
            rows.iter().for_each(|row| counts[row.state.number()] += 1);
            Ok(())
        })?;
        Ok(counts)
    }

    async fn mark_target(
        &self,
        list: Option<&str>,
        phone: &Phone,
        event: &TargetEvent,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.act(|| {
            let mut write = Write::default();
            let marked = self.plan_mark(&mut write, list, phone, (event, at))?;
            Ok((write, marked))
        })
        .await
    }
}

impl Part {
    /// Where a number's row is, or would be.
    fn find(&self, phone: &Phone) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.phone.cmp(phone))
    }

    /// Plans that it holds its rows as they are now.
    fn plan(self, write: &mut Write) {
        let is_new = self.record.is_none();
        write.check(self.key.clone(), self.record);
        if is_new { write.add(self.key, &self.rows) } else { write.put(self.key, &self.rows) }
    }
}

/// Where a row is among all.
fn place(row: &Target) -> (u16, &Phone) {
    (key::part(&row.phone), &row.phone)
}

impl<K: Kv> KvStore<K> {
    fn part(&self, list: &str, number: u16) -> Result<Part, StoreError> {
        let key = key::targets(list, number);
        let record = self.kv.get(&key)?;
        let rows = record.as_ref().map(|record| codec::decode(&key, record)).transpose()?.unwrap_or_default();
        Ok(Part { key, record, rows })
    }

    fn lists(&self) -> Result<Vec<String>, StoreError> {
        let mut lists = Vec::new();
        self.each(key::target_lists(), |key, record| {
            lists.push(codec::decode(&key, &record)?);
            Ok(())
        })?;
        Ok(lists)
    }

    /// The next parts that have rows of a list, or may have rows of a unit, from `first` on; none at the
    /// end.
    fn parts(&self, list: &str, unit: Option<&UnitId>, first: u16) -> Result<Vec<(u16, Vec<Target>)>, StoreError> {
        let Some(unit) = unit else {
            let range = key::targets(list, first)..key::all_targets(list).end;
            let mut parts = Vec::new();
            for (key, record) in self.kv.scan(range, PARTS)? {
                let rows: Vec<Target> = codec::decode(&key, &record)?;
                let number = rows.first().map_or(first, |row| key::part(&row.phone));
                parts.push((number, rows));
            }
            return Ok(parts);
        };
        for sixteenth in first / SIXTEENTH..16 {
            let numbers: Vec<u16> = self.read(&key::parts_of(list, unit, sixteenth))?.unwrap_or_default();
            let wanted = numbers.into_iter().filter(|number| *number >= first).take(PARTS);
            let parts: Vec<_> =
                wanted.map(|number| Ok((number, self.part(list, number)?.rows))).collect::<Result<_, StoreError>>()?;
            if !parts.is_empty() {
                return Ok(parts);
            }
        }
        Ok(Vec::new())
    }

    /// Plans the rows of an import that belong to one part.
    fn plan_part<'a>(
        &self,
        plan: &mut Plan<'a>,
        list: &str,
        number: u16,
        rows: &[&'a Target],
    ) -> Result<(), StoreError> {
        let mut part = self.part(list, number)?;
        let mut is_changed = false;
        for (ix, row) in rows.iter().enumerate() {
            if rows[ix + 1..].iter().any(|later| later.phone == row.phone) {
                continue; // the later one counts
            }
            match part.find(&row.phone) {
                Err(place) => {
                    let state = self.open_ticket(&row.phone)?.map_or(row.state.clone(), TargetState::Ticket);
                    part.rows.insert(place, Target { state, ..(*row).clone() });
                    plan.put.new += 1;
                }
                Ok(place) => {
                    let before = &part.rows[place];
                    let after = Target { state: before.state.clone(), at: before.at, ..(*row).clone() };
                    if after == *before {
                        plan.put.same += 1;
                        continue;
                    }
                    part.rows[place] = Target { at: row.at, ..after };
                    plan.put.changed += 1;
                }
            }
            plan.units.entry((&row.given_to, number / SIXTEENTH)).or_default().insert(number);
            is_changed = true;
        }
        if is_changed {
            part.plan(&mut plan.write);
        }
        Ok(())
    }

    /// The ticket that a number has when it comes into a list.
    fn open_ticket(&self, phone: &Phone) -> Result<Option<TicketId>, StoreError> {
        let open = self.customers(&key::customer(phone))?;
        Ok(open.into_iter().find(|ticket| whose(ticket) == Some(phone)).map(|ticket| ticket.id))
    }

    /// Plans that a unit may have rows in these parts, too.
    fn plan_unit(&self, write: &mut Write, key: Key, parts: &BTreeSet<u16>) -> Result<(), StoreError> {
        let record = self.kv.get(&key)?;
        let known: Option<BTreeSet<u16>> = record.as_ref().map(|record| codec::decode(&key, record)).transpose()?;
        let known = known.unwrap_or_default();
        if !parts.is_subset(&known) {
            let all: BTreeSet<u16> = known.union(parts).copied().collect();
            write.check(key.clone(), record);
            write.put(key, &all);
        }
        Ok(())
    }

    /// Plans what an event makes of a number's rows, in one list or in all. Returns how many change.
    fn plan_mark(
        &self,
        write: &mut Write,
        list: Option<&str>,
        phone: &Phone,
        (event, at): (&TargetEvent, Timestamp),
    ) -> Result<usize, StoreError> {
        let mut marked = 0;
        for list in list.map_or_else(|| self.lists(), |list| Ok(vec![list.to_owned()]))? {
            let mut part = self.part(&list, key::part(phone))?;
            let Ok(place) = part.find(phone) else { continue };
            if let Some(state) = part.rows[place].state.after(event) {
                part.rows[place] = Target { state, at, ..part.rows[place].clone() };
                part.plan(write);
                marked += 1;
            }
        }
        Ok(marked)
    }

    /// Plans what a ticket makes of its subscriber's rows, as it is made or as it ends.
    pub(super) fn plan_target(
        &self,
        write: &mut Write,
        ticket: &Ticket,
        event: &TargetEvent,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        whose(ticket).map_or(Ok(()), |phone| self.plan_mark(write, None, phone, (event, at)).map(drop))
    }
}

/// Whose rows a ticket moves. A person who is wanted in a conversation is not what campaigns offer.
fn whose(ticket: &Ticket) -> Option<&Phone> {
    ticket.phones().next().filter(|_| ticket.request.kind != TicketKind::Care)
}
