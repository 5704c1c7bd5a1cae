//! Zalo's answers, which come with status 200 whatever happened: `error` tells. The codes are those of the
//! official table of 2026; `webhooks/zalo/README.md` names the sources and the doubtful ones.

use bytes::Bytes;
use http::Response;
use std::time::Duration;

use crate::channel::wire::{id, number, object, refusal, retry_after};
use crate::channel::{Receipt, Renewed, SendError, Token};

/// When to try again what Zalo refuses at night; replies are taken at any hour, so this should never be seen.
const NIGHT: Duration = Duration::from_secs(3600);

/// Reads what became of one message.
pub(super) fn read(response: &Response<Bytes>) -> Result<Receipt, SendError> {
    let body = object(response.body());
    let error = body.as_ref().and_then(|body| number(body.get("error")?));
    match (body, error) {
        (Some(body), Some(0.0)) => Ok(Receipt { id: id(&body, "/data/message_id") }),
        (_, Some(error)) => Err(judge(error as i64, retry_after(response))),
        // Zalo always says `error`: whoever spoke here was something before it, and took nothing.
        (_, None) if response.status().is_success() => {
            Err(SendError::Retry { after: None, code: "unexpected answer".to_owned() })
        }
        (_, None) => Err(refusal(response)),
    }
}

fn judge(error: i64, after: Option<Duration>) -> SendError {
    let code = error.to_string();
    match error {
        -216 | -220 | -124 => SendError::Renew { code },
        // Per minute, of the app or of the account.
        -32 => SendError::Pause { after, code },
        -100 | -200 => SendError::Retry { after, code },
        -234 => SendError::Retry { after: after.or(Some(NIGHT)), code },
        // What small packages and API changes refuse is the buttons; the words may pass.
        -201 | -224 | -233 | -240 => SendError::Plain { code },
        // Blocked, banned, silent for too long.
        -213 | -217 | -218 | -227 | -230 | -232 | -244 | -305 | -311 => SendError::Unreachable { code },
        // Account, app, permission, money: a person must mend it.
        -204 | -205 | -209 | -211 | -212 | -219 | -221 | -223 | -235 | -242 | -320 | -321 => SendError::Halt { code },
        _ => SendError::Refused { code },
    }
}

/// A pair without its other half is no pair: the old one stays.
pub(super) fn renewed(response: &Response<Bytes>) -> Option<Renewed> {
    let body = object(response.body())?;
    // Tokens are longer than ids, so they are not read as such.
    let token = |field: &str| body[field].as_str().filter(|text| !text.is_empty()).map(Token::new);
    let seconds = number(&body["expires_in"]).filter(|seconds| (1.0..1e9).contains(seconds))?;
    Some(Renewed {
        access: token("access_token")?,
        refresh: token("refresh_token")?,
        valid: Duration::from_secs(seconds as u64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    fn error(code: i64) -> SendError {
        read(&response(200, &format!(r#"{{"error":{code},"message":"m"}}"#))).unwrap_err()
    }

    #[test]
    fn a_success_is_one_whatever_else_it_says() {
        // Zalo case 30.
        for quota in ["", r#","quota":{"quota_type":"reply","remain":"8"}"#, r#","new":{"x":[1]}"#] {
            let body = format!(r#"{{"data":{{"message_id":"z1"{quota}}},"error":0,"message":"Success"}}"#);
            assert_eq!(read(&response(200, &body)).unwrap().id.as_deref(), Some("z1"));
        }
        assert_eq!(read(&response(200, r#"{"error":"0"}"#)).unwrap().id, None);
    }

    #[test]
    fn every_row_of_the_table_has_its_next_move() {
        // Zalo cases 24 and 29.
        for code in [-216, -220, -124] {
            assert!(matches!(error(code), SendError::Renew { .. }), "{code}");
        }
        for code in [-100, -200, -234] {
            assert!(matches!(error(code), SendError::Retry { .. }), "{code}");
        }
        for code in [-201, -224, -233, -240] {
            assert!(matches!(error(code), SendError::Plain { .. }), "{code}");
        }
        for code in [-213, -217, -218, -227, -230, -232, -244, -305, -311] {
            assert!(matches!(error(code), SendError::Unreachable { .. }), "{code}");
        }
        for code in [-204, -205, -209, -211, -212, -219, -221, -223, -235, -242, -320, -321] {
            assert!(matches!(error(code), SendError::Halt { .. }), "{code}");
        }
        for code in [-210, -214, -237, -238, -241, -403, -248, -249, -9999, 1] {
            assert!(matches!(error(code), SendError::Refused { .. }), "{code}");
        }
        assert!(matches!(error(-32), SendError::Pause { .. }));
    }

    #[test]
    fn what_is_not_zalos_own_answer_is_tried_again() {
        // Zalo case 31.
        assert!(matches!(read(&response(502, "<html>")), Err(SendError::Retry { .. })));
        assert!(matches!(read(&response(200, "<html>")), Err(SendError::Retry { .. })));
        assert!(matches!(read(&response(429, "")), Err(SendError::Pause { .. })));
    }

    #[test]
    fn a_pair_is_read_whole_or_not_at_all() {
        // Zalo cases 26 and 28.
        let pair = |body: &str| renewed(&response(200, body));
        let text = pair(r#"{"access_token":"a","refresh_token":"r","expires_in":"90000"}"#).unwrap();
        let number = pair(r#"{"access_token":"a","refresh_token":"r","expires_in":90000}"#).unwrap();
        assert_eq!(text, number);
        assert_eq!(text.valid, Duration::from_secs(90_000));
        let long = "x".repeat(1_000);
        assert!(pair(&format!(r#"{{"access_token":"{long}","refresh_token":"r","expires_in":1}}"#)).is_some());
        for half in [
            r#"{"access_token":"a","expires_in":"90000"}"#,
            r#"{"access_token":"","refresh_token":"r","expires_in":"90000"}"#,
            r#"{"access_token":"a","refresh_token":"r","expires_in":"-1"}"#,
            r#"{"error":-14014,"error_name":"Invalid refresh token"}"#,
            "",
        ] {
            assert!(pair(half).is_none(), "{half}");
        }
    }
}
