//! The Send API's answers. An error may come with status 200, so the body is read first. The codes are those
//! of Meta's table of June 2026; `webhooks/messenger/README.md` names the sources and the doubtful ones.

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use std::time::Duration;

use crate::channel::wire::{flag, id, number, object, refusal, retry_after};
use crate::channel::{Receipt, SendError};

/// How long a page rests that Meta has restricted for a while; the next refusal makes it rest again.
const RESTRICTED: Duration = Duration::from_secs(30 * 60);
/// Longest rest we believe, in minutes.
const DAY: f64 = 24.0 * 60.0;

/// Reads what became of one message.
pub(super) fn read(response: &Response<Bytes>) -> Result<Receipt, SendError> {
    match object(response.body()) {
        Some(body) if body["error"].is_object() => Err(judge(&body["error"], response)),
        _ if !response.status().is_success() => Err(refusal(response)),
        // `recipient_id` is left out where a plugin's reference was written to.
        Some(body) => id(&body, "/message_id").map(|id| Receipt { id: Some(id) }).ok_or_else(unexpected),
        // It may well have been sent: a failure that somebody looks at, rather than the same words twice.
        None => Err(unexpected()),
    }
}

fn unexpected() -> SendError {
    SendError::Refused { code: "unexpected answer".to_owned() }
}

fn judge(error: &Value, response: &Response<Bytes>) -> SendError {
    let number = |pointer| error.pointer(pointer).and_then(number).map_or(0, |number| number as i64);
    let (main, sub) = (number("/code"), number("/error_subcode"));
    let code = if sub == 0 { main.to_string() } else { format!("{main}-{sub}") };
    let after = regain(response).or_else(|| retry_after(response));
    match (main, sub) {
        // The answer was lost, the message was not.
        (1, 1_357_046) => SendError::Refused { code },
        // Blocked, gone, outside the window, or the thread is another app's: until they write again.
        (551, _) | (10, 2_018_278 | 2_018_065 | 2_534_022 | 2_018_108) | (100, 2_018_001) => {
            SendError::Unreachable { code }
        }
        (_, 1_545_041 | 2_534_037 | 2_018_300 | 2_018_321) | (1_545_041, _) => SendError::Unreachable { code },
        // Limits on marketing opt-ins only, and an app without a permission: under codes that mean more.
        (4, 2_018_354) | (613, 1_893_016) | (1, 99) => SendError::Refused { code },
        (613, 2_018_338) => SendError::Halt { code },
        (10, 1_893_063) => SendError::Pause { after: after.or(Some(RESTRICTED)), code },
        (4 | 17 | 32 | 341 | 613 | 80_001 | 80_006, _) => SendError::Pause { after, code },
        (1 | 2 | 1_200, _) => SendError::Retry { after, code },
        (190 | 368 | 2_022 | 10 | 200..=299, _) => SendError::Halt { code },
        _ if flag(error, "/is_transient") || response.status().is_server_error() => SendError::Retry { after, code },
        _ if response.status().as_u16() == 429 => SendError::Pause { after, code },
        _ => SendError::Refused { code },
    }
}

/// The longest of the waits in `X-Business-Use-Case-Usage`, given in minutes.
fn regain(response: &Response<Bytes>) -> Option<Duration> {
    let usage = object(response.headers().get("x-business-use-case-usage")?.as_bytes())?;
    let waits = usage.as_object()?.values().filter_map(Value::as_array).flatten().take(64);
    let minutes = waits.filter_map(|wait| number(&wait["estimated_time_to_regain_access"])).fold(0.0, f64::max);
    (minutes > 0.0).then(|| Duration::from_secs_f64(minutes.min(DAY) * 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Receipt, SendError> {
        read(&Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
    }

    fn error(code: i64, sub: i64) -> SendError {
        answer(400, &format!(r#"{{"error":{{"code":{code},"error_subcode":{sub},"message":"m"}}}}"#)).unwrap_err()
    }

    #[test]
    fn only_an_answer_with_an_id_is_a_message_taken() {
        // Messenger case S3.
        assert_eq!(answer(200, r#"{"message_id":"m_1"}"#).unwrap().id.as_deref(), Some("m_1"));
        for body in ["{}", "bad json", "[]", ""] {
            assert!(matches!(answer(200, body), Err(SendError::Refused { .. })), "{body}");
        }
        assert!(matches!(answer(200, r#"{"error":{"code":"190"}}"#), Err(SendError::Halt { .. })));
    }

    #[test]
    fn a_bare_status_is_judged_by_itself() {
        // Messenger case S4.
        assert!(matches!(answer(502, "<html>"), Err(SendError::Retry { .. })));
        assert!(matches!(answer(429, ""), Err(SendError::Pause { .. })));
        assert!(matches!(answer(401, ""), Err(SendError::Halt { .. })));
        assert!(matches!(answer(400, ""), Err(SendError::Refused { .. })));
        assert!(matches!(answer(500, r#"{"error":{"code":5}}"#), Err(SendError::Retry { .. })));
    }

    #[test]
    fn every_row_of_the_table_has_its_next_move() {
        // Messenger case S4.
        let retry = [(1, 0), (2, 0), (1200, 0)];
        let pause =
            [(4, 0), (613, 0), (613, 2_534_040), (80_006, 0), (80_001, 0), (32, 0), (17, 0), (341, 0), (10, 1_893_063)];
        let halt = [
            (613, 2_018_338),
            (10, 0),
            (200, 0),
            (200, 2_018_028),
            (230, 0),
            (190, 0),
            (190, 463),
            (368, 0),
            (2_022, 0),
        ];
        let gone = [
            (10, 2_018_278),
            (10, 2_018_065),
            (10, 2_534_022),
            (10, 2_018_108),
            (100, 2_018_001),
            (100, 2_534_037),
            (100, 2_018_300),
            (100, 2_018_321),
            (200, 1_545_041),
            (551, 0),
            (551, 1_545_041),
            (1_545_041, 0),
        ];
        let refused = [
            (1, 1_357_046),
            (1, 99),
            (9, 2_018_352),
            (4, 2_018_354),
            (613, 1_893_016),
            (100, 0),
            (100, 33),
            (100, 2_018_008),
            (10_303, 0),
            (10_900, 0),
            (9_000_001, 0),
            (0, 0),
            (-7, 0),
        ];
        for (code, sub) in retry {
            assert!(matches!(error(code, sub), SendError::Retry { .. }), "{code}-{sub}");
        }
        for (code, sub) in pause {
            assert!(matches!(error(code, sub), SendError::Pause { .. }), "{code}-{sub}");
        }
        for (code, sub) in halt {
            assert!(matches!(error(code, sub), SendError::Halt { .. }), "{code}-{sub}");
        }
        for (code, sub) in gone {
            assert!(matches!(error(code, sub), SendError::Unreachable { .. }), "{code}-{sub}");
        }
        for (code, sub) in refused {
            assert!(matches!(error(code, sub), SendError::Refused { .. }), "{code}-{sub}");
        }
    }

    #[test]
    fn a_pause_is_as_long_as_meta_says_and_at_most_a_day() {
        // Messenger case S4.
        let wait = |minutes: &str| {
            let usage = format!(r#"{{"1":[{{"type":"messenger","estimated_time_to_regain_access":{minutes}}}]}}"#);
            let response = Response::builder().status(400).header("X-Business-Use-Case-Usage", usage);
            match read(&response.body(Bytes::from_static(br#"{"error":{"code":613}}"#)).unwrap()) {
                Err(SendError::Pause { after, .. }) => after,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait("19"), Some(Duration::from_secs(19 * 60)));
        assert_eq!(wait("1e300"), Some(Duration::from_secs(24 * 3600)));
        assert_eq!(wait("-5"), None);
        assert_eq!(wait("null"), None);
    }
}
