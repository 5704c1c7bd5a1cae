//! The tables of what is so for a time: who works where, holidays, zones in quarantine.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::table::{Columns, Row, Table};
use super::units::{check_name, check_phone};
use super::{KnownPlaces, Problems, quoted, read_day, read_number, read_span, read_territory};
use crate::domain::id::UnitId;
use crate::domain::time::Day;
use crate::routing::organisation::{Assignment, Member, Person, Span, Territory, Zone};

const ASSIGNMENTS: Columns =
    Columns { needed: &["unit", "place"], more: &["priority", "from", "to", "responsible", "phone"] };
const HOLIDAYS: Columns = Columns { needed: &["date"], more: &["name"] };
const ZONES: Columns = Columns { needed: &["place", "from"], more: &["to"] };

/// Calls `take` for every row of a table; an empty text is a table without rows.
fn each(text: &str, columns: Columns, rows: usize, problems: &mut Problems, mut take: impl FnMut(&Row, &mut Problems)) {
    if text.is_empty() {
        return;
    }
    let Some(mut table) = Table::open(text, columns, rows, problems) else { return };
    while let Some(row) = table.next_row(problems) {
        take(&row, problems);
    }
}

/// Who works where.
pub(super) fn assignments(
    text: &str,
    rows: usize,
    members: &[Member],
    known: &dyn KnownPlaces,
    problems: &mut Problems,
) -> Vec<Assignment> {
    let ids: HashSet<&UnitId> = members.iter().map(|member| &member.unit.id).collect();
    let mut answering = Answering::default();
    let mut assignments = Vec::new();
    each(text, ASSIGNMENTS, rows, problems, |row, problems| {
        let unit = UnitId::new(row.cell("unit"));
        if !ids.contains(&unit) {
            problems.add(
                row.line(),
                "unit",
                format!("Không có đơn vị mã \"{}\" trong bảng đơn vị.", quoted(row.cell("unit"))),
                format!("The table of units has no unit with the id \"{}\".", quoted(row.cell("unit"))),
            );
        }
        let place = check_place(row, known, problems);
        let priority = read_number(row, "priority", 0, -1000..=1000, problems);
        let priority = i32::try_from(priority).unwrap_or(0);
        let valid = read_span(row, problems);
        let responsible = check_person(row, problems);
        let Some(place) = place else { return };
        let assignment = Assignment { unit, place, priority, valid, responsible };
        answering.add(&assignment, row.line(), problems);
        assignments.push(assignment);
    });
    assignments
}

/// The days on which nobody works.
pub(super) fn holidays(text: &str, rows: usize, problems: &mut Problems) -> BTreeSet<Day> {
    let mut days = BTreeSet::new();
    each(text, HOLIDAYS, rows, problems, |row, problems| match read_day(row, "date", problems) {
        Some(day) => {
            days.insert(day);
        }
        None if row.cell("date").is_empty() => {
            problems.add(row.line(), "date", "Thiếu ngày.".to_owned(), "The date is missing.".to_owned());
        }
        None => {}
    });
    days
}

/// The zones in quarantine.
pub(super) fn zones(text: &str, rows: usize, known: &dyn KnownPlaces, problems: &mut Problems) -> Vec<Zone> {
    let mut zones = Vec::new();
    each(text, ZONES, rows, problems, |row, problems| {
        let place = check_place(row, known, problems);
        let valid = read_span(row, problems);
        zones.extend(place.map(|place| Zone { place, valid }));
    });
    zones
}

fn check_place(row: &Row, known: &dyn KnownPlaces, problems: &mut Problems) -> Option<Territory> {
    match read_territory(row.cell("place"), known) {
        Ok(place) => Some(place),
        Err((vi, en)) => {
            problems.add(row.line(), "place", vi, en);
            None
        }
    }
}

fn check_person(row: &Row, problems: &mut Problems) -> Option<Person> {
    let phone = check_phone(row, problems);
    if row.cell("responsible").is_empty() {
        return None;
    }
    Some(Person { name: check_name(row, "responsible", problems)?, phone })
}

/// Who answers for each territory, and when.
#[derive(Default)]
struct Answering(HashMap<Territory, Vec<(Span, String, usize)>>);

impl Answering {
    /// Takes an assignment's person in, if it has one; two for one territory on one day are a problem.
    fn add(&mut self, assignment: &Assignment, line: usize, problems: &mut Problems) {
        let Assignment { place, valid, responsible: Some(person), .. } = assignment else { return };
        let known = self.0.entry(place.clone()).or_default();
        if let Some((.., first)) = known.iter().find(|(span, name, _)| span.overlaps(valid) && *name != person.name) {
            problems.add(
                line,
                "responsible",
                format!("Địa bàn {place} đã có người chịu trách nhiệm trong thời gian này ở dòng {first}."),
                format!("The territory {place} has another responsible person at that time on line {first}."),
            );
        }
        known.push((*valid, person.name.clone(), line));
    }
}
