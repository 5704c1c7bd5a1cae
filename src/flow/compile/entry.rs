//! Reads `entry:`, and keeps what only one flow of an installation can have.

use super::super::source::{Key, Node, Span};
use super::super::template::Piece;
use super::super::{Entry, Prompt, StepIx};
use super::problem::{Claim, MENU_LENGTH, PROMPT_LENGTH, Problem};
use super::report::Report;
use super::scope::{Place, Scope};
use crate::domain::contact::Language;
use crate::text::phrase::Phrase;
use crate::text::{plain, unaccent_keep_case};

pub(in crate::flow) const MOST_PHRASES: usize = 500;

pub(in crate::flow) const KEYS: [&str; 5] = ["keywords", "refs", "prompts", "default", "menu"];
/// The keys of a prompt beside those of its channels.
pub(in crate::flow) const PROMPT_KEYS: [&str; 3] = ["say", "if_yes", "if_no"];

/// What a flow claims for itself, to be compared with the other flows' claims.
pub(super) struct Claimed {
    /// `None` for being the default.
    pub(super) what: Option<Claim>,
    /// In the form in which two claims are the same.
    pub(super) text: String,
    pub(super) span: Span,
}

/// Reads the entry of a flow.
pub(super) fn read(report: &mut Report<'_>, scope: &Scope<'_>, node: &Node) -> (Entry, Vec<Claimed>) {
    let entries = report.map(node, usize::MAX);
    report.keys(entries, "entry", &KEYS);
    let (mut entry, mut claims) = (Entry::default(), Vec::new());
    for (key, node) in entries {
        match key.text.as_str() {
            "keywords" => {
                let words = phrases(report, node, Claim::Keyword, &mut claims);
                entry.keywords = words.iter().map(|words| Phrase::new(words)).collect();
            }
            "refs" => entry.refs = phrases(report, node, Claim::Ref, &mut claims),
            "prompts" => {
                for (key, node) in report.map(node, MOST_PHRASES) {
                    claims.push(Claimed { what: Some(Claim::Prompt), text: key.text.clone(), span: key.span });
                    if let Some(prompt) = prompt(report, scope, key, node) {
                        entry.prompts.insert(key.text.clone(), prompt);
                    }
                }
            }
            "default" => {
                entry.default = report.flag(node);
                if entry.default {
                    claims.push(Claimed { what: None, text: String::new(), span: node.span });
                }
            }
            "menu" => {
                entry.menu = report.words(node).map(str::to_owned);
                let length = entry.menu.as_ref().map_or(0, |title| title.chars().count());
                if length > MENU_LENGTH {
                    report.error(node.span, &Problem::MenuTooLong(length));
                }
            }
            _ => {}
        }
    }
    (entry, claims)
}

fn phrases(report: &mut Report<'_>, node: &Node, what: Claim, claims: &mut Vec<Claimed>) -> Vec<String> {
    let mut phrases = Vec::new();
    for (node, words) in report.word_list(node, MOST_PHRASES) {
        let text = if what == Claim::Keyword { plain(words) } else { words.to_owned() };
        claims.push(Claimed { what: Some(what), text, span: node.span });
        phrases.push(words.to_owned());
    }
    phrases
}

fn prompt(report: &mut Report<'_>, scope: &Scope<'_>, key: &Key, node: &Node) -> Option<Prompt> {
    let entries = report.map(node, usize::MAX);
    let mut known = PROMPT_KEYS.to_vec();
    known.extend(scope.channel_names());
    report.keys(entries, "prompts", &known);
    let say = scope.wording(report, entries, Place::Prompt);
    let if_yes = way(report, scope, key, node, "if_yes");
    let if_no = way(report, scope, key, node, "if_no");
    let Some(worded) = node.get("say") else {
        report.error(key.span, &Problem::MissingKey("say"));
        return None;
    };
    let say = say?;
    // A channel without accents shows its prompts on a handset's screen, all at once or not at all.
    for (handset, _) in scope.channels.iter().filter(|(_, limits)| !limits.accents) {
        let length: usize = say.on(handset, Language::Vi).pieces.iter().map(length).sum();
        if length > PROMPT_LENGTH {
            let place = node.get(handset.as_str()).unwrap_or(worded);
            report.error(place.span, &Problem::PromptTooLong(length));
        }
    }
    Some(Prompt { say, if_yes: if_yes?, if_no: if_no? })
}

fn way(report: &mut Report<'_>, scope: &Scope<'_>, key: &Key, node: &Node, name: &'static str) -> Option<StepIx> {
    let Some(target) = node.get(name) else {
        report.error(key.span, &Problem::MissingKey(name));
        return None;
    };
    scope.step(report, target)
}

/// The characters of a prompt's words as the handset shows them: without accents. Values are not counted,
/// for their length is not known here.
fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Words(words) => unaccent_keep_case(words).chars().count(),
        Piece::Value { .. } => 0,
    }
}
