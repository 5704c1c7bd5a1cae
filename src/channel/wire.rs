//! What all platforms are loose about: numbers as strings, seconds for milliseconds, fields of any type or
//! none. Reads with bounds and never fails a payload for one field. Knows no platform; the channels'
//! parsers build on it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;
use unicode_normalization::UnicodeNormalization;

use super::SendError;
use crate::domain::time::Timestamp;

/// Longest text taken from a contact, in characters after NFC; the rest is cut off.
const TEXT: usize = 4_000;
/// Longest identifier, in bytes; the longest seen is about 130.
const ID: usize = 256;
/// Longest address, in bytes; in one that is valid each is a character.
const LINK: usize = 2_048;
/// Longest wait a platform may ask of us.
const WAIT: Duration = Duration::from_secs(24 * 3600);

/// The body as a JSON object. `serde_json` itself refuses nesting beyond 128 and halves of surrogate pairs.
pub(crate) fn object(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

/// A string or a number as text, never empty, never long.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= ID).then_some(text)
}

/// The identifier at a JSON pointer.
pub(crate) fn id(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(scalar)
}

/// Words at a JSON pointer: NFC, at most 4,000 characters, never empty. NUL goes: some stores end there.
pub(crate) fn words(value: &Value, pointer: &str) -> Option<String> {
    let text: String = value.pointer(pointer)?.as_str()?.nfc().filter(|char| *char != '\0').take(TEXT).collect();
    (!text.is_empty()).then_some(text)
}

/// The https address at a JSON pointer, within bounds.
pub(crate) fn link(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|url| is_https(url)).map(str::to_owned)
}

/// Whether the text is an https address of a public form: a host, no more than 2,048 characters.
pub(crate) fn is_https(url: &str) -> bool {
    let parsed = || url.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    url.len() <= LINK && url.starts_with("https://") && parsed()
}

/// Whether the flag at a JSON pointer is set.
pub(crate) fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).is_some_and(|flag| flag == true || flag == "true")
}

/// A number, also when it is written as a string.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// Milliseconds since the epoch, from milliseconds or seconds: the year 2001 has 10^12 ms, and as seconds
/// that is the year 33658.
pub(crate) fn millis(value: &Value) -> Option<i64> {
    let number = number(value).filter(|number| *number >= 1.0)?;
    // Casts from float to integer stop at the ends.
    Some(if number < 1e12 { (number * 1000.0) as i64 } else { number as i64 })
}

/// The moment at a JSON pointer; `now` where there is none, or where it has not come yet: a date in the
/// future would hold the reply window open.
pub(crate) fn moment(value: &Value, pointer: &str, now: Timestamp) -> Timestamp {
    value.pointer(pointer).and_then(millis).map_or(now, |millis| Timestamp::from_millis(millis).min(now))
}

/// Degrees that are on the globe.
pub(crate) fn coordinates(latitude: Option<&Value>, longitude: Option<&Value>) -> Option<(f64, f64)> {
    let (latitude, longitude) = (number(latitude?)?, number(longitude?)?);
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
}

/// Stands in for an id where the platform gives none: the same for the same content.
pub(crate) fn fingerprint(value: &Value) -> String {
    use std::fmt::Write;

    let hash = Sha256::digest(value.to_string());
    hash[..12].iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}

/// A platform's name for something, fit to be counted and logged: what is no plain word stays out.
pub(crate) fn label(text: &str) -> String {
    let plain = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
    text.chars().take(60).filter(plain).collect()
}

/// The pairs of a query string, decoded; at most 32.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).take(32);
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = escaped.filter(|hex| !hex.starts_with('+')).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A body of `application/x-www-form-urlencoded`.
pub(crate) fn form(fields: &[(&str, &str)]) -> Bytes {
    use std::fmt::Write;

    let mut body = String::new();
    for (key, value) in fields {
        body.push_str(if body.is_empty() { "" } else { "&" });
        body.push_str(key);
        body.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => body.push(char::from(byte)),
                _ => write!(body, "%{byte:02X}").expect("writing to a string"),
            }
        }
    }
    Bytes::from(body)
}

/// A POST; the headers given count as secret. `None` when the address or a header cannot be one, which only
/// wrong settings bring about.
pub(crate) fn post(url: &str, kind: &'static str, secrets: &[(&str, &str)], body: Bytes) -> Option<Request<Bytes>> {
    let mut request = Request::builder().method(Method::POST).uri(url).body(body).ok()?;
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in secrets {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        request.headers_mut().insert(name.parse::<HeaderName>().ok()?, value);
    }
    Some(request)
}

/// What a bare status means when the body says nothing.
pub(crate) fn refusal(response: &Response<Bytes>) -> SendError {
    let (code, after) = (format!("http {}", response.status().as_u16()), retry_after(response));
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => SendError::Pause { after, code },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => SendError::Halt { code },
        StatusCode::REQUEST_TIMEOUT => SendError::Retry { after, code },
        status if status.is_server_error() => SendError::Retry { after, code },
        _ => SendError::Refused { code },
    }
}

/// The `Retry-After` header, in seconds; its other form, a date, would need a clock.
pub(crate) fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn seconds_and_milliseconds_strings_and_floats_are_the_same_moment() {
        // Messenger cases 35, 36 and 42.
        let now = Timestamp::from_millis(1_800_000_000_000);
        let read = |value: Value| moment(&json!({ "t": value }), "/t", now).millis();
        assert_eq!(read(json!(1_701_599_111)), 1_701_599_111_000);
        assert_eq!(read(json!("1527459824")), 1_527_459_824_000);
        assert_eq!(read(json!(1_492_414_608_999.0)), 1_492_414_608_999);
        assert_eq!(read(json!("1795330000123")), 1_795_330_000_123);
        let none =
            [json!(0), json!(-5), json!("x"), json!(null), json!([]), json!("1e999"), json!(4_070_908_800_000_i64)];
        for surprise in none.into_iter().chain([json!(u64::MAX), json!(1e300), json!("154390853474")]) {
            assert_eq!(read(surprise.clone()), now.millis(), "{surprise}");
        }
    }

    #[test]
    fn a_text_is_composed_and_cut() {
        let text = "e\u{302}\u{301}".repeat(5_000) + "\0";
        let read = words(&json!({ "text": text }), "/text").unwrap();
        assert_eq!(read.chars().count(), TEXT);
        assert!(read.chars().all(|char| char == 'ế'));
        assert_eq!(words(&json!({ "text": "" }), "/text"), None);
        assert_eq!(words(&json!({ "text": 5 }), "/text"), None);
    }

    #[test]
    fn an_address_is_https_and_bounded() {
        let read = |url: &str| link(&json!({ "url": url }), "/url").is_some();
        assert!(read("https://a.example/x.jpg?y=1&z=%20") && read("https://a"));
        for wrong in
            ["http://a.example/x", "https://", "https:///x", "HTTPS", "javascript:alert(1)", "https://a b/", ""]
        {
            assert!(!read(wrong), "{wrong}");
        }
        let long = |length: usize| format!("https://a/{}", "x".repeat(length - 10));
        assert!(read(&long(LINK)) && !read(&long(LINK + 1)));
        assert_eq!(link(&json!({ "url": 7 }), "/url"), None);
    }

    #[test]
    fn nesting_does_not_reach_the_stack() {
        // Messenger case 16, Zalo case 33.
        assert_eq!(object("[".repeat(10_000).as_bytes()), None);
        assert_eq!(object(format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()), None);
    }

    #[test]
    fn a_query_is_decoded_whatever_it_holds() {
        assert_eq!(pairs("a=b%20c&d"), [("a".to_owned(), "b c".to_owned()), ("d".to_owned(), String::new())]);
        assert_eq!(
            pairs("a=%&b=%4&c=%zz&d=%ff&e=%+1&f=x+y").iter().map(|pair| pair.1.as_str()).collect::<Vec<_>>(),
            ["%", "%4", "%zz", "\u{fffd}", "% 1", "x y"]
        );
    }

    #[test]
    fn a_form_keeps_what_is_not_a_plain_character() {
        assert_eq!(form(&[("a", "x y&z="), ("b", "ế")]), "a=x%20y%26z%3D&b=%E1%BA%BF");
    }

    #[test]
    fn a_request_that_cannot_be_made_is_none() {
        let post = |url: &str, value: &str| post(url, "text/plain", &[("x-token", value)], Bytes::new());
        assert!(post("https://a.example/x", "t").unwrap().headers()["x-token"].is_sensitive());
        assert!(post("https://a example/x", "t").is_none());
        assert!(post("https://a.example/x", "t\n").is_none());
    }
}
