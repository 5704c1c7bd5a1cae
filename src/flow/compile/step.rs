//! Reads `steps:`: one verb a step, every edge resolved. Questions, hand-offs, and what waits for others are
//! read by the children.

use super::super::source::{Key, Node, Span};
use super::super::template::{Piece, Template};
use super::super::{Condition, Step, StepIx, Verb, Wording};
use super::problem::Problem;
use super::report::Report;
use super::run;
use super::scope::{Place, Scope};

mod ask;
pub(in crate::flow) mod call;
pub(in crate::flow) mod hand_off;

pub(in crate::flow) const MOST_TRIES: usize = 20;
pub(in crate::flow) const MOST_BUTTONS: usize = 20;
pub(in crate::flow) const MOST_SLOTS: usize = 200;
pub(in crate::flow) const MOST_WAYS: usize = 200;
pub(in crate::flow) const VERBS: [&str; 9] =
    ["ask", "confirm", "branch", "call", "handoff", "person", "run", "wait", "end"];

/// The keys of each verb beside itself and its wording; `say` stands first for the steps without another.
pub(in crate::flow) const KEYS: [(&str, &[&str]); 10] = [
    ("say", &["go", "then", "if", "buttons", "image"]),
    (
        "ask",
        &[
            "go",
            "then",
            "when_known",
            "retry",
            "give_up",
            "missing",
            "unsure",
            "if_yes",
            "if_no",
            "choose",
            "interruptible",
            "also",
            "optional",
            "remind",
            "silence",
        ],
    ),
    ("confirm", &["go", "then", "ask_which", "if_yes", "retry", "give_up"]),
    ("branch", &["go", "then"]),
    ("call", &["go", "then", "send", "save", "timeout", "retries", "ok", "failed"]),
    ("handoff", &["go", "then", "send"]),
    ("person", &["if_unavailable", "return_to"]),
    ("run", &["go", "then", "with", "save"]),
    ("wait", &["go", "then", "for", "until"]),
    ("end", &[]),
];

/// The verbs that have nothing to say.
pub(in crate::flow) const SILENT: [&str; 3] = ["branch", "run", "wait"];

/// The entries of a step, and where its key stands.
struct Body<'n> {
    key: &'n Key,
    node: &'n Node,
    entries: &'n [(Key, Node)],
}

/// A step that was read, with the places that checks of the whole flow point at.
pub(super) struct Read {
    pub(super) step: Step,
    /// The step's id.
    pub(super) key: Span,
    /// The value of `go` or `then`.
    pub(super) go: Option<Span>,
    /// What it names of another flow.
    pub(super) run: Option<run::Use>,
}

/// Reads the step at `ix`; `below` is the one it falls through to. `None` after a problem that leaves an
/// edge unknown, so that the flow's ways cannot be judged.
pub(super) fn read(
    report: &mut Report<'_>,
    scope: &Scope<'_>,
    (key, node): (&Key, &Node),
    below: Option<StepIx>,
) -> Option<Read> {
    let entries = report.map(node, usize::MAX);
    node.map()?;
    let body = Body { key, node, entries };
    let (verb_key, verb_node) = find_verb(report, &body)?;
    let whole = check_keys(report, scope, &body, verb_key);
    let go = read_go(report, scope, &body);
    let mut run = None;
    let verb = match verb_key {
        "say" => say(report, scope, &body),
        "ask" => ask::ask(report, scope, &body, verb_node),
        "confirm" => ask::confirm(report, scope, &body, verb_node),
        "branch" => branch(report, scope, verb_node),
        "call" => call::call(report, scope, &body, verb_node),
        "handoff" => hand_off::hand_off(report, scope, &body, verb_node),
        "person" => person(report, scope, &body, verb_node),
        "run" => call::run(report, scope, &body, verb_node).map(|(verb, names)| {
            run = Some(names);
            verb
        }),
        "wait" => call::wait(report, &body, verb_node),
        _ => report.words(verb_node).map(|outcome| {
            let say = scope.wording(report, entries, Place::Flow);
            Verb::End { outcome: outcome.to_owned(), say }
        }),
    };
    let (verb, go) = (verb?, go?);
    let next = match verb {
        Verb::End { .. } => None,
        Verb::Person { .. } => go.as_ref().map(|(step, _)| *step),
        _ => go.as_ref().map(|(step, _)| *step).or(below),
    };
    let step = Step { id: key.text.clone(), verb, next };
    whole.then_some(Read { step, key: key.span, go: go.map(|(_, span)| span), run })
}

/// The one verb of a step.
fn find_verb<'n>(report: &mut Report<'_>, body: &Body<'n>) -> Option<(&'n str, &'n Node)> {
    let is_verb = |key: &Key| VERBS.contains(&key.text.as_str());
    let mut verbs = body.entries.iter().filter(|(key, _)| is_verb(key));
    let Some((key, node)) = verbs.next() else {
        if let Some((key, node)) = body.node.entry("say") {
            return Some((&key.text, node));
        }
        // A misspelt verb is better told as such than as a missing one.
        let known: Vec<&str> =
            KEYS.iter().flat_map(|(verb, keys)| [*verb].into_iter().chain(keys.iter().copied())).collect();
        if report.keys(body.entries, "steps", &known) {
            report.error(body.key.span, &Problem::NoVerb);
        }
        return None;
    };
    if let Some((second, _)) = verbs.next() {
        report.error(second.span, &Problem::TwoVerbs(key.text.clone(), second.text.clone()));
        return None;
    }
    Some((&key.text, node))
}

fn check_keys(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, verb: &str) -> bool {
    let own = KEYS.iter().find(|(known, _)| *known == verb).map_or(&[][..], |(_, keys)| *keys);
    let mut known = vec![verb];
    known.extend(own);
    let silent = SILENT.contains(&verb);
    if !silent {
        known.push("say");
        known.extend(scope.channel_names());
    }
    let whole = report.keys(body.entries, verb, &known);
    if !silent {
        check_worded(report, scope, body.node, body.entries);
    }
    whole
}

/// A wording for a channel goes beside one for the others.
pub(super) fn check_worded(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node, entries: &[(Key, Node)]) {
    let worded = entries.iter().find(|(key, _)| scope.is_channel(&key.text));
    if let (Some((key, _)), None) = (worded, node.get("say")) {
        report.error(key.span, &Problem::MissingKey("say"));
    }
}

/// Where `go`, `then` or `return_to` lead: `None` when that is wrong, `Some(None)` when there is none.
fn read_go(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Option<Option<(StepIx, Span)>> {
    let mut ways = body.entries.iter().filter(|(key, _)| matches!(key.text.as_str(), "go" | "then" | "return_to"));
    let Some((_, node)) = ways.next() else { return Some(None) };
    if let Some((second, _)) = ways.next() {
        report.error(second.span, &Problem::TwoWays);
    }
    scope.step(report, node).map(|step| Some((step, node.span)))
}

/// A step named under `key`: `None` when it is wrong, `Some(None)` when there is none.
pub(super) fn way(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node, key: &str) -> Option<Option<StepIx>> {
    match node.get(key) {
        Some(node) => scope.step(report, node).map(Some),
        None => Some(None),
    }
}

/// The texts of the further tries; none where the author wrote none.
pub(super) fn retry(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Vec<Wording> {
    let Some(list) = node.get("retry") else { return Vec::new() };
    // `retry: {vi: ..., en: ...}` is one text, as `retry: "..."` is.
    let items = if list.map().is_some() { std::slice::from_ref(list) } else { report.list(list, MOST_TRIES) };
    items.iter().filter_map(|item| scope.plain_wording(report, item, Place::Flow)).collect()
}

fn say(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>) -> Option<Verb> {
    let say = scope.wording(report, body.entries, Place::Flow);
    let when: Option<Option<Condition>> = match body.node.get("if") {
        Some(node) => scope.condition(report, node).map(Some),
        None => Some(None),
    };
    let mut buttons = Vec::new();
    if let Some(list) = body.node.get("buttons") {
        for item in report.list(list, MOST_BUTTONS) {
            buttons.extend(scope.text(report, item, Place::Flow));
        }
    }
    let image = body.node.get("image").and_then(|node| image(report, scope, node));
    Some(Verb::Say { say: say?, buttons, when: when?, image })
}

/// An https address; values may stand in it, but not decide which server is asked.
fn image(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> Option<Template> {
    let template = scope.template(report, node, Place::Flow)?;
    let server = match template.pieces.first() {
        Some(Piece::Words(words)) => words.strip_prefix("https://").and_then(|rest| rest.split_once('/')),
        _ => None,
    };
    let spaced = |piece: &Piece| matches!(piece, Piece::Words(words) if words.contains(char::is_whitespace));
    if server.is_none_or(|(server, _)| server.is_empty()) || template.pieces.iter().any(spaced) {
        report.error(node.span, &Problem::NotHttps);
        return None;
    }
    Some(template)
}

fn branch(report: &mut Report<'_>, scope: &Scope<'_>, list: &Node) -> Option<Verb> {
    let items = report.list(list, MOST_WAYS);
    let ways: Vec<_> = items.iter().filter_map(|item| branch_way(report, scope, item)).collect();
    (ways.len() == items.len()).then_some(Verb::Branch(ways))
}

fn branch_way(report: &mut Report<'_>, scope: &Scope<'_>, item: &Node) -> Option<(Condition, StepIx)> {
    let entries = report.map(item, usize::MAX);
    item.map()?;
    report.keys(entries, "branch", &["when", "go"]);
    let when = match item.get("when") {
        Some(node) => scope.condition(report, node),
        None => {
            report.error(item.span, &Problem::MissingKey("when"));
            None
        }
    };
    let Some(go) = item.get("go") else {
        report.error(item.span, &Problem::MissingKey("go"));
        return None;
    };
    let go = scope.step(report, go);
    Some((when?, go?))
}

fn person(report: &mut Report<'_>, scope: &Scope<'_>, body: &Body<'_>, node: &Node) -> Option<Verb> {
    let queue = if node.is_null() { None } else { Some(scope.queue(report, node)?) };
    let say = scope.wording(report, body.entries, Place::Flow);
    let if_unavailable = way(report, scope, body.node, "if_unavailable")?;
    Some(Verb::Person { queue, say, if_unavailable })
}
