//! Runs scripted conversations: what came of each line, held against what its author demands.
//!
//! Plain data out. What a demand looks like when it is written is [`shown`]; how a file is rewritten so
//! that it demands what came is [`update`].

use serde::Serialize;

use super::coverage::Hits;
use super::play::{Act, Moment, Play, Stage};
use super::said::{self, Said};
use super::script::{Beat, Case, Script, Wanted, What};
use crate::flow::source::Span;

mod compare;
pub mod shown;
pub mod update;

/// What came of scripted conversations.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Of each conversation, in order.
    pub cases: Vec<Outcome>,
}

/// What came of one conversation.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// The conversation's name.
    pub name: String,
    /// Where it stands.
    pub line: usize,
    /// What did not come as demanded.
    pub failures: Vec<Failure>,
}

/// A demand that was not met.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// Its line.
    pub line: usize,
    /// What was demanded, as it is written.
    pub expected: String,
    /// What came, as it would be written.
    pub got: String,
    /// What to write instead, where it can be written: the value that begins here, and its replacement.
    #[serde(skip)]
    pub rewrite: Option<(Span, String)>,
}

impl Report {
    /// How many conversations went as demanded.
    pub fn passed(&self) -> usize {
        self.cases.iter().filter(|case| case.failures.is_empty()).count()
    }

    /// Whether all of them did.
    pub fn is_fine(&self) -> bool {
        self.passed() == self.cases.len()
    }
}

/// Runs scripts and counts what they cover.
pub fn run(stage: Stage<'_>, scripts: &[Script], hits: &mut Hits) -> Report {
    let cases = scripts.iter().flat_map(|script| script.cases.iter().map(move |case| (script, case)));
    let outcomes = cases.map(|(script, case)| Outcome {
        file: script.path.clone(),
        name: case.name.clone(),
        line: case.line,
        failures: run_case(stage, &script.flow, case, hits),
    });
    Report { cases: outcomes.collect() }
}

fn run_case(stage: Stage<'_>, flow: &str, case: &Case, hits: &mut Hits) -> Vec<Failure> {
    let mut play = Play::new(stage, case.setting.clone());
    let mut failures = Vec::new();
    for beat in &case.beats {
        failures.extend(not_offered(&play, beat));
        let moments = play.act(&beat.act);
        moments.iter().for_each(|moment| hits.count(stage.flows, moment));
        let said = said::in_order(stage.flows, &moments);
        let came = Came { flow, play: &play, moments: &moments, said: &said };
        failures.extend(beat.wanted.iter().filter_map(|wanted| came.lacks(wanted)));
    }
    failures
}

/// A tap on something that was never there is a slip of the author's.
fn not_offered(play: &Play<'_>, beat: &Beat) -> Option<Failure> {
    let Act::Taps(title) = &beat.act else { return None };
    if play.offer(title).is_some() {
        return None;
    }
    let offered = play.session().map(|session| session.question.choices.as_slice()).unwrap_or_default();
    let titles: Vec<String> = offered.iter().map(|choice| choice.title.clone()).collect();
    Some(Failure {
        line: beat.line,
        expected: format!("{{tap: {}}}", shown::scalar(title)),
        got: format!("buttons: {}", shown::list(&titles)),
        rewrite: None,
    })
}

/// What came of one thing that happened.
struct Came<'a> {
    /// The script's flow, whose steps need no flow before them.
    flow: &'a str,
    play: &'a Play<'a>,
    moments: &'a [Moment],
    said: &'a [Said],
}

impl Came<'_> {
    fn lacks(&self, wanted: &Wanted) -> Option<Failure> {
        let line = wanted.line;
        let failure = |expected: String, got: String| Some(Failure { line, expected, got, rewrite: None });
        match &wanted.what {
            What::Bot(spoken) if self.is_spoken(spoken) => None,
            What::Bot(spoken) => {
                let got = self.show(spoken);
                let rewrite = (!self.said.is_empty()).then(|| (wanted.span, got.clone()));
                let expected = format!("bot: {}", shown::bot(spoken, self.flow));
                Some(Failure { line, expected, got: format!("bot: {got}"), rewrite })
            }
            What::HandOff { kind, has } => {
                let got = self.handed_off(kind, has)?;
                failure(format!("handoff: {{kind: {kind}, has: {}}}", shown::list(has)), got)
            }
            What::Person(queue) => {
                let queues = self.persons();
                let missing = !queues.contains(queue);
                missing.then(|| failure(format!("person: {queue}"), format!("person: {}", shown::list(&queues))))?
            }
            What::End(outcome) => {
                let outcomes = self.outcomes();
                let missing = !outcomes.contains(outcome);
                missing.then(|| failure(format!("end: {outcome}"), format!("end: {}", shown::list(&outcomes))))?
            }
            What::Call { service, send } => {
                let got = self.called(service, send)?;
                failure(format!("call: {{service: {service}, send: {}}}", shown::map(send)), got)
            }
        }
    }
}
