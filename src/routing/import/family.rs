//! Who belongs to whom in a table: ids are unique, parents exist, nobody is their own ancestor.

use std::collections::HashMap;

use super::{Problems, quoted};
use crate::domain::id::UnitId;

/// The ids of a table and their parents.
#[derive(Default)]
pub(super) struct Family {
    rows: Vec<Relation>,
    /// Index into `rows` of the first row with the id.
    by_id: HashMap<UnitId, usize>,
}

/// One row's part in it.
struct Relation {
    id: UnitId,
    parent: String,
    line: usize,
}

impl Family {
    /// Takes a row in; a second one of the same id is reported and left out.
    pub(super) fn add(&mut self, id: &UnitId, parent: &str, line: usize, problems: &mut Problems) {
        if let Some(first) = self.by_id.get(id) {
            let first = self.rows[*first].line;
            problems.add(
                line,
                "id",
                format!("Mã đơn vị \"{id}\" đã có ở dòng {first}."),
                format!("The id \"{id}\" is on line {first} already."),
            );
            return;
        }
        self.by_id.insert(id.clone(), self.rows.len());
        self.rows.push(Relation { id: id.clone(), parent: parent.to_owned(), line });
    }

    /// Reports parents that do not exist, and each cycle once.
    pub(super) fn check(&self, problems: &mut Problems) {
        let parents: Vec<Option<usize>> = self.rows.iter().map(|row| self.parent_of(row, problems)).collect();
        // Which walk came by first; a walk that meets itself has found a cycle.
        let mut walked_by = vec![None; parents.len()];
        for walk in 0..parents.len() {
            let mut at = Some(walk);
            while let Some(ix) = at.filter(|ix| walked_by[*ix].is_none()) {
                walked_by[ix] = Some(walk);
                at = parents[ix];
            }
            if let Some(met) = at.filter(|ix| walked_by[*ix] == Some(walk)) {
                self.report_cycle(met, &parents, problems);
            }
        }
    }

    fn parent_of(&self, row: &Relation, problems: &mut Problems) -> Option<usize> {
        if row.parent.is_empty() {
            return None;
        }
        let parent = self.by_id.get(&UnitId::new(&row.parent)).copied();
        if parent.is_none() {
            problems.add(
                row.line,
                "parent",
                format!("Không có đơn vị cấp trên mã \"{}\" trong bảng.", quoted(&row.parent)),
                format!("The table has no unit with the id \"{}\".", quoted(&row.parent)),
            );
        }
        parent
    }

    /// Reports the cycle through `start` at its first line.
    fn report_cycle(&self, start: usize, parents: &[Option<usize>], problems: &mut Problems) {
        let mut ring = vec![start];
        let mut at = parents[start];
        while let Some(ix) = at.filter(|ix| *ix != start) {
            ring.push(ix);
            at = parents[ix];
        }
        let turn = ring.iter().enumerate().min_by_key(|(_, row)| **row).map_or(0, |(turn, _)| turn);
        ring.rotate_left(turn);
        let mut chain: Vec<&str> = ring.iter().take(5).map(|ix| self.rows[*ix].id.as_str()).collect();
        chain.push(if ring.len() > 5 { "…" } else { chain[0] });
        let chain = chain.join(" -> ");
        problems.add(
            self.rows[ring[0]].line,
            "parent",
            format!("Đơn vị cấp trên đi vòng: {chain}."),
            format!("The parents run in a circle: {chain}."),
        );
    }
}
