//! What happens when nobody says anything: reminders, giving up, the end of a pause; never at night, and
//! never where the channel would not let us write any more.

use std::time::Duration;

use crate::domain::session::{Due, Move, Session, Waiting};
use crate::domain::time::Timestamp;
use crate::flow::{Pause, Silence, StepIx, Verb};

use super::run::Run;
use super::{Turn, What};

/// Nobody is written to unasked from this minute of the day on, and not before that one: 21:00 to 08:00.
const QUIET_FROM: u16 = 21 * 60;
const QUIET_TO: u16 = 8 * 60;
/// A pause this short belongs to a conversation under way, by night as by day.
const SHORT: Duration = Duration::from_secs(3600);
/// More reminders than there can be: the contact was given up, and has said nothing since.
const GIVEN_UP: u8 = u8::MAX;

/// The moment itself, or eight in the morning after it where it lies in the night.
fn by_day(moment: Timestamp) -> Timestamp {
    match moment.minute() {
        minute if minute >= QUIET_FROM => Timestamp::of(moment.day().plus(1), QUIET_TO),
        minute if minute < QUIET_TO => Timestamp::of(moment.day(), QUIET_TO),
        _ => moment,
    }
}

/// When a pause that begins now ends.
pub(super) fn end_of(pause: Pause, now: Timestamp) -> Timestamp {
    match pause {
        Pause::For(span) if span < SHORT => now.plus(span),
        Pause::For(span) => by_day(now.plus(span)),
        Pause::Until(minute) => {
            let today = Timestamp::of(now.day(), minute);
            if today > now { today } else { Timestamp::of(now.day().plus(1), minute) }
        }
    }
}

/// What the session does by itself, and when, if it waits at `at` like this.
pub(super) fn due(run: &Run<'_>, at: StepIx, waiting: &Waiting) -> Option<Due> {
    let silence = silence_at(run, at);
    let expire = Due { at: moment(run, silence, silence.expire_after), what: Move::Expire };
    match waiting {
        Waiting::Person => None,
        Waiting::Pause => run.wakes.map(|at| Due { at, what: Move::Resume }),
        Waiting::Interrupt { back, .. } | Waiting::Correct { back, .. } if **back == Waiting::Pause => {
            run.wakes.map(|at| Due { at, what: Move::Resume })
        }
        Waiting::Call { .. } => Some(expire),
        _ => Some(reminder(run, silence).filter(|reminder| reminder.at < expire.at).unwrap_or(expire)),
    }
}

/// The next reminder, where there is one and the channel lets us send it.
fn reminder(run: &Run<'_>, silence: &Silence) -> Option<Due> {
    let after = *silence.remind_after.get(usize::from(run.reminded))?;
    let at = moment(run, silence, after);
    let limits = run.input.limits;
    let open = limits.window.is_none_or(|window| at <= run.heard.plus(window));
    (limits.pushes && open).then_some(Due { at, what: Move::Remind })
}

/// The moment so long after the contact's last word. Two that fell into the same night, or into a time the
/// server was down, keep their distance.
fn moment(run: &Run<'_>, silence: &Silence, after: Duration) -> Timestamp {
    match by_day(run.heard.plus(after)) {
        late if late <= run.now => {
            let before = usize::from(run.reminded).checked_sub(1).and_then(|before| silence.remind_after.get(before));
            by_day(run.now.plus(after.saturating_sub(before.copied().unwrap_or_default())))
        }
        at => at,
    }
}

fn silence_at<'a>(run: &Run<'a>, at: StepIx) -> &'a Silence {
    match &run.flow.step(at).verb {
        Verb::Ask(ask) => ask.silence.as_ref().unwrap_or(&run.flow.silence),
        _ => &run.flow.silence,
    }
}

/// The moment has come. The caller has seen that it has.
pub(super) fn come(mut run: Run<'_>, at: StepIx, session: &Session, what: Move) -> Turn {
    match what {
        Move::Remind => {
            run.reminded = run.reminded.saturating_add(1);
            run.note(at, What::Reminded(run.reminded));
            let text = run.render(&silence_at(&run, at).remind);
            let step = &run.flow.step(at).id;
            run.push(step, text, run.question.choices.clone());
            run.stay(at, session.waiting.clone())
        }
        Move::Expire => {
            run.note(at, What::Expired);
            match silence_at(&run, at).then {
                Some(step) if run.reminded < GIVEN_UP => {
                    (run.heard, run.reminded) = (run.now, GIVEN_UP);
                    run.go(step)
                }
                // Who was silent again where that led is not asked a third time.
                _ => run.end_all(Some("expired")),
            }
        }
        Move::Resume => {
            // During a pause nobody was asked anything: silence counts from its end.
            run.heard = run.now;
            let next = run.flow.step(at).next;
            run.leave_question(at, next)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(&format!("2026-11-22T{text}:00+07:00")).unwrap()
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        assert_eq!(by_day(at("20:59")), at("20:59"));
        assert_eq!(by_day(at("08:00")), at("08:00"));
        assert_eq!(by_day(at("07:59")), at("08:00"));
        assert_eq!(by_day(at("21:00")).to_rfc3339(), "2026-11-23T08:00:00+07:00");
    }

    #[test]
    fn a_pause_until_a_time_of_day_ends_when_that_comes_next() {
        assert_eq!(end_of(Pause::Until(9 * 60), at("08:30")), at("09:00"));
        assert_eq!(end_of(Pause::Until(9 * 60), at("09:00")).to_rfc3339(), "2026-11-23T09:00:00+07:00");
    }

    #[test]
    fn only_a_long_pause_waits_for_the_morning() {
        assert_eq!(end_of(Pause::For(Duration::from_secs(600)), at("20:55")), at("21:05"));
        assert_eq!(
            end_of(Pause::For(Duration::from_secs(7200)), at("20:00")).to_rfc3339(),
            "2026-11-23T08:00:00+07:00"
        );
    }
}
