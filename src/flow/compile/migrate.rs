//! Reads `migrate:`: what earlier revisions called otherwise or had and this one has not.

use std::collections::BTreeMap;

use super::super::Migrate;
use super::super::source::Node;
use super::super::template::is_name;
use super::problem::Problem;
use super::report::Report;
use super::scope::Scope;

pub(in crate::flow) const KEYS: [&str; 3] = ["rename", "removed", "slots"];
pub(in crate::flow) const MOST_MOVES: usize = 1000;

/// What a name of an earlier revision named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Step,
    Slot,
}

/// Reads the moves; the names on their right must be there, those on their left must not.
pub(super) fn read(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Migrate {
    let mut migrate = Migrate::default();
    let entries = report.map(node, usize::MAX);
    report.keys(entries, "migrate", &KEYS);
    for (key, node) in entries {
        match key.text.as_str() {
            "rename" => migrate.rename = moves(report, scope, node, Kind::Step),
            "removed" => migrate.removed = moves(report, scope, node, Kind::Step),
            "slots" => migrate.slots = moves(report, scope, node, Kind::Slot),
            _ => {}
        }
    }
    for (key, _) in node.get("removed").and_then(Node::map).unwrap_or_default() {
        if migrate.rename.contains_key(&key.text) {
            report.error(key.span, &Problem::NotTogether("rename", "removed"));
        }
    }
    migrate
}

fn moves(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node, kind: Kind) -> BTreeMap<String, String> {
    let mut moves = BTreeMap::new();
    for (old, new) in report.map(node, MOST_MOVES) {
        let (lives, found) = match kind {
            Kind::Step => (scope.step_ix.contains_key(old.text.as_str()), scope.step(report, new).is_some()),
            Kind::Slot => (scope.slot_ix.contains_key(old.text.as_str()), scope.slot(report, new).is_some()),
        };
        if !is_name(&old.text) {
            report.error(old.span, &Problem::BadName(old.text.clone()));
        }
        if lives {
            report.error(old.span, &Problem::MigrateLive(old.text.clone()));
        }
        if let (true, Some(new)) = (found, new.scalar()) {
            moves.insert(old.text.clone(), new.trim().to_owned());
        }
    }
    moves
}
