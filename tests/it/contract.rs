//! What the platforms say and what we say to them, byte for byte: every sample of `webhooks/` is signed,
//! verified, parsed and compared, and so is every request and every answer. `UPDATE_EXPECT=1` rewrites what
//! is expected. Numbers in comments are those of the test cases each channel was built against.

#![expect(clippy::unwrap_used, reason = "a test whose sample cannot be read has to fail")]

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::{Value, json};

use thoai::channel::PromptOut;
use thoai::channel::liveinfo::{self, LiveInfo, reply_body};
use thoai::channel::messenger::{self, Messenger};
use thoai::channel::signature::{sign_messenger, sign_standard, sign_zalo, standard_secret};
use thoai::channel::zalo::{self, Zalo, restamped};
use thoai::channel::{Channel, Reading, Receipt, RejectError, SendError, Token};
use thoai::domain::contact::ContactKey;
use thoai::domain::id::AccountId;
use thoai::domain::message::{Choice, Event, Outbound};
use thoai::domain::time::Timestamp;

/// The moment at which samples arrive: ten minutes after most of them happened.
const NOW: Timestamp = Timestamp::from_millis(1_795_330_600_000);
const APP_SECRET: &str = "fb_app_secret";
const ZALO_APP: &str = "1002003004005006007";
const ZALO_OA: &str = "9008007006005004003";
const OA_SECRET: &str = "oa-secret-Example-01";
const STANDARD: &str = "whsec_dGhvYWktdGVzdC1zZWNyZXQtMDAwMQ==";

fn messenger() -> Messenger {
    Messenger::new(messenger::Settings {
        verify_token: Token::new("thoai-verify"),
        app_secret: Token::new(APP_SECRET),
        app_id: Some("1517776481860111".to_owned()),
        pages: vec![AccountId::new("1234567890"), AccountId::new("1234567891")],
        graph_url: "https://graph.example".to_owned(),
        version: "v25.0".to_owned(),
    })
}

fn zalo_with(oa_secret_key: &str) -> Zalo {
    Zalo::new(zalo::Settings {
        app_id: ZALO_APP.to_owned(),
        app_secret: Token::new("app-secret-Example-02"),
        oa_id: AccountId::new(ZALO_OA),
        oa_secret_key: Token::new(oa_secret_key),
        api_url: "https://openapi.example".to_owned(),
        oauth_url: "https://oauth.example".to_owned(),
        site_code: Some("Ab-Cd_012345".into()),
    })
}

fn zalo() -> Zalo {
    zalo_with(OA_SECRET)
}

fn liveinfo() -> LiveInfo {
    LiveInfo::new(liveinfo::Settings {
        secret: Token::new(STANDARD),
        gateway_url: "https://gateway.example".to_owned(),
    })
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let parse = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.iter().map(parse) {
        headers.append(name, value);
    }
    headers
}

/// The headers under which the platform would send this body.
fn signed(channel: &str, body: &[u8]) -> HeaderMap {
    match channel {
        "messenger" => headers(&[("X-Hub-Signature-256", &sign_messenger(&Token::new(APP_SECRET), body))]),
        "zalo" => {
            headers(&[("X-ZEvent-Signature", &sign_zalo(ZALO_APP, &Token::new(OA_SECRET), body).unwrap_or_default())])
        }
        _ => {
            let seconds = NOW.seconds();
            let signature = sign_standard(&standard_secret(STANDARD).unwrap(), "msg_1", seconds, body);
            let seconds = seconds.to_string();
            headers(&[("webhook-id", "msg_1"), ("webhook-timestamp", &seconds), ("webhook-signature", &signature)])
        }
    }
}

fn channels() -> [Box<dyn Channel>; 3] {
    [Box::new(messenger()), Box::new(zalo()), Box::new(liveinfo())]
}

fn read(channel: &dyn Channel, body: &[u8]) -> Result<Vec<Reading>, RejectError> {
    let headers = signed(channel.name().as_str(), body);
    let verified = channel.verify(&headers, &Bytes::copy_from_slice(body), NOW)?;
    channel.parse(&verified, NOW)
}

/// The samples of a folder, without what is expected of them.
fn samples(channel: &str, folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("webhooks").join(channel).join(folder);
    let mut samples: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json") && !is_expectation(path))
        .collect();
    samples.sort();
    assert!(!samples.is_empty());
    samples
}

fn is_expectation(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".events.json")
}

/// Compares a file with what came out, or rewrites it.
fn expect(path: &Path, found: &Value) {
    let found = serde_json::to_string_pretty(found).unwrap() + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, found).unwrap();
    } else {
        assert_eq!(fs::read_to_string(path).unwrap_or_default(), found, "{}", path.display());
    }
}

#[test]
fn every_inbound_sample_reads_as_expected() {
    for channel in channels() {
        for sample in samples(channel.name().as_str(), "inbound") {
            let readings = read(&*channel, &fs::read(&sample).unwrap()).unwrap();
            expect(&sample.with_extension("events.json"), &serde_json::to_value(&readings).unwrap());
        }
    }
}

#[test]
fn no_expectation_has_lost_its_sample() {
    for channel in channels() {
        let folder = samples(channel.name().as_str(), "inbound")[0].parent().unwrap().to_owned();
        for path in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| is_expectation(path)) {
            let sample = path.to_string_lossy().replace(".events.json", ".json");
            assert!(Path::new(&sample).exists(), "{}", path.display());
        }
    }
}

#[test]
fn every_outbound_sample_is_sent_and_answered_as_expected() {
    for channel in channels() {
        for path in samples(channel.name().as_str(), "outbound") {
            let mut sample: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let (field, found) = exchange(&*channel, &sample);
            sample[field] = found;
            expect(&path, &sample);
        }
    }
}

/// The field of a sample that is expected, and what came out for it.
fn exchange(channel: &dyn Channel, sample: &Value) -> (&'static str, Value) {
    let text = |field: &str, key: &str| sample[field][key].as_str().unwrap().to_owned();
    if !sample["message"].is_null() {
        let message: Outbound = serde_json::from_value(sample["message"].clone()).unwrap();
        let to: ContactKey = serde_json::from_value(sample["to"].clone()).unwrap();
        return ("request", show(channel.request(&to, &message, &Token::new("TOKEN"))));
    }
    if !sample["prompt"].is_null() {
        let prompt: PromptOut = serde_json::from_value(sample["prompt"].clone()).unwrap();
        return ("request", show(liveinfo().prompt_request(&prompt, sample["id"].as_str().unwrap(), NOW)));
    }
    if !sample["reply"].is_null() {
        let goes_on = sample["reply"]["session_goes_on"].as_bool().unwrap();
        let wait = u32::try_from(sample["reply"]["max_wait_s"].as_u64().unwrap()).unwrap();
        return ("body", json!(String::from_utf8_lossy(&reply_body(&text("reply", "text"), goes_on, wait))));
    }
    if !sample["menu"].is_null() {
        let menu: Vec<Choice> = serde_json::from_value(sample["menu"].clone()).unwrap();
        return ("request", show(channel.menu(&AccountId::new("1234567890"), &menu, &Token::new("TOKEN"))));
    }
    if !sample["renewal"].is_null() {
        let account = AccountId::new(text("renewal", "account"));
        return ("request", show(channel.renewal(&account, &Token::new(text("renewal", "refresh")))));
    }
    let response = response(&sample["response"]);
    if sample.get("renewed").is_some() {
        let renewed = channel.renewed(&response).map(
            |pair| json!({"access": pair.access.expose(), "refresh": pair.refresh.expose(), "valid_s": pair.valid.as_secs()}),
        );
        return ("renewed", renewed.into());
    }
    ("receipt", judged(channel.receipt(&response)))
}

fn show(request: Option<http::Request<Bytes>>) -> Value {
    let request = request.unwrap();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())));
    json!({
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "headers": headers.collect::<serde_json::Map<_, _>>(),
        "body": String::from_utf8_lossy(request.body()),
    })
}

fn response(sample: &Value) -> Response<Bytes> {
    let mut response = Response::builder().status(u16::try_from(sample["status"].as_u64().unwrap()).unwrap());
    for (name, value) in sample["headers"].as_object().unwrap() {
        response = response.header(name, value.as_str().unwrap());
    }
    response.body(Bytes::copy_from_slice(sample["body"].as_str().unwrap().as_bytes())).unwrap()
}

fn judged(receipt: Result<Receipt, SendError>) -> Value {
    let (next, code, after) = match receipt {
        Ok(receipt) => return json!({"taken": receipt.id}),
        Err(SendError::Retry { after, code }) => ("retry", code, after),
        Err(SendError::Pause { after, code }) => ("pause", code, after),
        Err(SendError::Halt { code }) => ("halt", code, None),
        Err(SendError::Renew { code }) => ("renew", code, None),
        Err(SendError::Plain { code }) => ("plain", code, None),
        Err(SendError::Refused { code }) => ("refused", code, None),
        Err(SendError::Unreachable { code }) => ("unreachable", code, None),
    };
    match after {
        Some(after) => json!({"next": next, "code": code, "after_s": after.as_secs()}),
        None => json!({"next": next, "code": code}),
    }
}

fn sample(channel: &str, name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("webhooks").join(channel).join("inbound").join(name)).unwrap()
}

fn accepts(channel: &dyn Channel, body: &[u8], pairs: &[(&str, &str)]) -> bool {
    channel.verify(&headers(pairs), &Bytes::copy_from_slice(body), NOW).is_ok()
}

#[test]
fn messenger_proves_its_sender_by_the_known_vector() {
    // Messenger 8, 9, 12, 13.
    let (channel, body) = (messenger(), sample("messenger", "text.json"));
    let vector = "sha256=44c17ea44e0e72b8d0e8f9ca023ef6684496e4dd7dcc2a64b208eb6335e6571c";
    let plain = "sha256=3019de40c83165a21acef5af591b2ff62b22a10ee003fb6f14b70797d69163bc";
    assert_eq!(body.len(), 284);
    assert!(accepts(&channel, &body, &[("x-hub-signature-256", vector)]));
    assert!(!accepts(&channel, &body, &[("x-hub-signature-256", plain)]));
    let reencoded = serde_json::to_vec(&serde_json::from_slice::<Value>(&body).unwrap()).unwrap();
    assert!(!accepts(&channel, &reencoded, &[("x-hub-signature-256", vector)]));
    for at in [0, 100, body.len() - 1] {
        let mut flipped = body.clone();
        flipped[at] ^= 1;
        assert!(!accepts(&channel, &flipped, &[("x-hub-signature-256", vector)]), "{at}");
    }
    let by_verify_token = sign_messenger(&Token::new("thoai-verify"), &body);
    assert!(!accepts(&channel, &body, &[("x-hub-signature-256", &by_verify_token)]));
}

#[test]
fn messenger_takes_one_well_formed_signature_header_only() {
    // Messenger 10 and 11. Capitals are refused.
    let (channel, body) = (messenger(), sample("messenger", "text.json"));
    let good = sign_messenger(&Token::new(APP_SECRET), &body);
    let hex = good.trim_start_matches("sha256=");
    let name = "X-Hub-Signature-256";
    assert!(!accepts(&channel, &body, &[]));
    assert!(!accepts(&channel, &body, &[(name, &good), (name, &good)]));
    assert!(!accepts(&channel, &body, &[("x-hub-signature", &good)]));
    for value in [
        String::new(),
        hex.to_owned(),
        format!("sha1={hex}"),
        format!("SHA256={hex}"),
        format!("sha256={}", hex.to_uppercase()),
        format!("sha256={}", &hex[1..]),
        format!("sha256={hex}0"),
        format!("sha256={}g", &hex[1..]),
        format!("sha256= {hex}"),
        format!("sha256={}", "a".repeat(10_000)),
        format!("sha256={}é", &hex[2..]),
    ] {
        assert!(!accepts(&channel, &body, &[(name, &value)]), "{value}");
    }
}

#[test]
fn an_empty_secret_proves_nothing() {
    // Zalo 8, and the same for the others.
    let messenger = Messenger::new(messenger::Settings {
        verify_token: Token::new(""),
        app_secret: Token::new(""),
        app_id: None,
        pages: vec![],
        graph_url: String::new(),
        version: String::new(),
    });
    let body = sample("messenger", "text.json");
    assert!(!accepts(&messenger, &body, &[("x-hub-signature-256", &sign_messenger(&Token::new(""), &body))]));
    assert!(messenger.confirm("hub.mode=subscribe&hub.verify_token=&hub.challenge=1").is_err());
    let body = sample("zalo", "text.json");
    assert_eq!(sign_zalo(ZALO_APP, &Token::new(""), &body), None);
    assert!(zalo_with("").verify(&signed("zalo", &body), &Bytes::from(body), NOW).is_err());
    let silent = LiveInfo::new(liveinfo::Settings { secret: Token::new("whsec_"), gateway_url: String::new() });
    let (body, seconds) = (sample("liveinfo", "answer_yes.json"), NOW.seconds());
    let forged = sign_standard(b"", "m", seconds, &body);
    let (seconds, id) = (seconds.to_string(), ("webhook-id", "m"));
    assert!(!accepts(&silent, &body, &[id, ("webhook-timestamp", &seconds), ("webhook-signature", &forged)]));
}

#[test]
fn messengers_question_is_answered_word_for_word_and_only_to_meta() {
    // Messenger 1 to 4. A challenge that could be markup is refused.
    let confirm = |query: &str| messenger().confirm(query).ok();
    let good = "hub.mode=subscribe&hub.verify_token=thoai-verify&hub.challenge=1158201444";
    assert_eq!(confirm(good).unwrap(), "1158201444");
    assert_eq!(confirm(&good.replace("hub.mode", "hub%2Emode")).unwrap(), "1158201444");
    for query in [
        "".to_owned(),
        "&&=&%".to_owned(),
        good.replace("subscribe", "unsubscribe"),
        good.replace("thoai-verify", "wrong"),
        good.replace("thoai-verify", ""),
        good.replace("1158201444", "yarchallenge<script>"),
        good.replace("1158201444", &"1".repeat(257)),
        good.replace("&hub.challenge=1158201444", ""),
        format!("{good}&hub.mode=subscribe"),
    ] {
        assert_eq!(confirm(&query), None, "{query}");
    }
}

#[test]
fn zalo_proves_its_sender_by_the_known_vectors() {
    // Zalo 1, 3, 5, 6, 9. Vector 4 is with the formula, in `channel::signature`.
    let channel = zalo();
    for (name, mac) in [
        ("text.json", "8801d4a729d4d840c8135c18b61d2c50e91025cf903e5ccc83b9ca2e2825b8f5"),
        ("follow.json", "5ce1a221cb7f734c6f0b475bfc006d32baafd0ffe5682952333d40326c521f20"),
        ("numeric_timestamp.json", "dcbaa7085384778c7ed99ce1bb220c73f7bc54e767d58482cb1013f9799c0e1d"),
    ] {
        let body = sample("zalo", name);
        assert!(accepts(&channel, &body, &[("X-ZEvent-Signature", &format!("mac={mac}"))]), "{name}");
        let mut flipped = body.clone();
        flipped[20] ^= 1;
        assert!(!accepts(&channel, &flipped, &[("X-ZEvent-Signature", &format!("mac={mac}"))]), "{name}");
        let spaced = [&body[..], b" "].concat();
        assert!(!accepts(&channel, &spaced, &[("X-ZEvent-Signature", &format!("mac={mac}"))]), "{name}");
    }
    let body = sample("zalo", "text.json");
    for wrong in [
        "mac=2e3249d70a8bfcb8a2d05113cc0707e61a2a31cd4d583218fdc7d4b2507f3b28".to_owned(),
        "mac=d0cff94c58b8210a15d764a34926957d35519987b506b19874e51cf384b2128e".to_owned(),
        sign_zalo(ZALO_APP, &Token::new("app-secret-Example-02"), &body).unwrap(),
    ] {
        assert!(!accepts(&channel, &body, &[("X-ZEvent-Signature", &wrong)]), "{wrong}");
    }
}

#[test]
fn zalo_writes_its_header_in_several_ways() {
    // Zalo 2 and 4.
    let (channel, body, name) = (zalo(), sample("zalo", "text.json"), "X-ZEvent-Signature");
    let hex = "8801d4a729d4d840c8135c18b61d2c50e91025cf903e5ccc83b9ca2e2825b8f5";
    for value in [hex.to_owned(), hex.to_uppercase(), format!("MAC={hex}"), format!(" mac= {hex} ")] {
        assert!(accepts(&channel, &body, &[(name, &value)]), "{value}");
    }
    for value in [String::new(), "mac=".to_owned(), hex[1..].to_owned(), format!("mac=mac={hex}"), "g".repeat(64)] {
        assert!(!accepts(&channel, &body, &[(name, &value)]), "{value}");
    }
    assert!(!accepts(&channel, &body, &[]));
    assert!(!accepts(&channel, &body, &[(name, hex), (name, hex)]));
}

#[test]
fn zalo_events_are_ours_and_of_today() {
    // Zalo 7 and 10.
    let channel = zalo();
    let stamped = |millis: i64| restamped(&sample("zalo", "text.json"), Timestamp::from_millis(millis)).unwrap();
    let taken = |body: &Bytes| channel.verify(&signed("zalo", body), body, NOW).is_ok();
    let minutes = |count: i64| NOW.millis() + count * 60_000;
    assert!(taken(&stamped(minutes(-40))));
    assert!(taken(&stamped(minutes(-24 * 60 + 1))));
    assert!(!taken(&stamped(minutes(-24 * 60 - 1))));
    assert!(!taken(&stamped(minutes(-3 * 24 * 60))));
    assert!(taken(&stamped(minutes(9))));
    assert!(!taken(&stamped(minutes(11))));
    let body = String::from_utf8(sample("zalo", "text.json")).unwrap();
    for foreign in [body.replace(ZALO_APP, "5"), body.replace(&format!(r#""app_id":"{ZALO_APP}","#), "")] {
        let headers =
            headers(&[("x-zevent-signature", &sign_zalo("5", &Token::new(OA_SECRET), foreign.as_bytes()).unwrap())]);
        assert!(channel.verify(&headers, &Bytes::from(foreign), NOW).is_err());
    }
    // Zalo 33.
    for body in ["", "not JSON", "[]", "null", "{}", &"[".repeat(10_000), r#"{"timestamp":{"a":1}}"#] {
        assert!(!accepts(&channel, body.as_bytes(), &[("x-zevent-signature", &"0".repeat(64))]), "{body}");
    }
}

#[test]
fn standard_webhooks_agree_with_the_reference_library() {
    let webhook = standardwebhooks::Webhook::new(STANDARD).unwrap();
    let body = sample("liveinfo", "answer_yes.json");
    let secret = standard_secret(STANDARD).unwrap();
    let ours = sign_standard(&secret, "msg_1", NOW.seconds(), &body);
    assert_eq!(ours, webhook.sign("msg_1", NOW.seconds(), &body).unwrap());
    // A known answer, from a third implementation.
    let fixed = sign_standard(&secret, "msg_1", 1_795_330_600, b"{}");
    assert_eq!(fixed, "v1,MW47eIn5onLTNuf9l+WuL4AvJPXE0kyxrWype5MPRFk=");
}

#[test]
fn standard_webhooks_are_taken_whole_fresh_and_once_signed() {
    let (channel, body, at) = (liveinfo(), sample("liveinfo", "answer_yes.json"), NOW.seconds());
    let secret = standard_secret(STANDARD).unwrap();
    let try_at = |seconds: i64, signature: &str| {
        let seconds = seconds.to_string();
        let pairs = [("webhook-id", "m"), ("webhook-timestamp", &*seconds), ("webhook-signature", signature)];
        accepts(&channel, &body, &pairs)
    };
    let good = sign_standard(&secret, "m", at, &body);
    assert!(try_at(at, &good));
    assert!(try_at(at, &format!("v1a,AAAA v1,AAAA {good}")));
    assert!(!try_at(at, &format!("v1,AAAA {good}x")));
    assert!(!try_at(at, good.trim_start_matches("v1,")));
    assert!(!try_at(at, ""));
    assert!(!try_at(at + 1, &good));
    for (offset, taken) in [(-299, true), (-301, false), (299, true), (301, false), (i64::MAX / 2, false)] {
        let seconds = at.saturating_add(offset);
        assert_eq!(try_at(seconds, &sign_standard(&secret, "m", seconds, &body)), taken, "{offset}");
    }
    let stamp = ("webhook-timestamp", &*at.to_string());
    let (id, signature) = (("webhook-id", "m"), ("webhook-signature", &*good));
    for pairs in [vec![], vec![id, stamp], vec![id, signature], vec![stamp, signature]] {
        assert!(!accepts(&channel, &body, &pairs), "{pairs:?}");
    }
    assert!(!accepts(&channel, &body, &[id, stamp, signature, signature]));
    assert!(!accepts(&channel, &body, &[id, ("webhook-timestamp", "99999999999999999999"), signature]));
    assert!(!accepts(&channel, &[&body[..], b" "].concat(), &[id, stamp, signature]));
}

#[test]
fn a_body_that_is_no_payload_is_malformed_and_harms_nobody() {
    // Messenger 16 and 17; LiveInfo the same. Zalo cannot prove such bodies: they are unsigned there.
    let deep = format!(r#"{{"object":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let bodies =
        [b"not JSON".as_slice(), b"", b"[]", b"null", deep.as_bytes(), b"{\"a\":\"\xff\"}", br#"{"a":"\ud83d"}"#];
    for body in bodies {
        assert_eq!(read(&messenger(), body), Err(RejectError::Malformed));
        assert_eq!(read(&liveinfo(), body), Err(RejectError::Malformed));
        assert_eq!(read(&zalo(), body), Err(RejectError::Unsigned));
    }
    let flood =
        format!(r#"{{"object":"page","entry":[{{"id":"1234567890","messaging":[{}{{}}]}}]}}"#, "{},".repeat(2_000));
    assert_eq!(read(&messenger(), flood.as_bytes()), Err(RejectError::Malformed));
}

#[test]
fn a_huge_text_is_read_and_cut() {
    // Messenger 14.
    let text = r"\u200a".repeat(150_000);
    let body = format!(
        r#"{{"object":"page","entry":[{{"id":"1234567890","messaging":[{{"sender":{{"id":"7"}},"message":{{"mid":"m","text":"{text}"}}}}]}}]}}"#
    );
    assert!(body.len() > 900_000);
    match &read(&messenger(), body.as_bytes()).unwrap()[..] {
        [Reading::Inbound(inbound)] => match &inbound.event {
            Event::Text { text } => assert_eq!(text.chars().count(), 4_000),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_repeat_has_the_id_of_the_first_and_nothing_else_has() {
    // Messenger 21, 24, 25, 26, 31, 35; Zalo 11, 12, 17: what the store needs to answer once.
    let ids = |channel: &dyn Channel, name: &str| -> Vec<(ContactKey, String)> {
        let readings = read(channel, &sample(channel.name().as_str(), name)).unwrap();
        let inbound = |reading| match reading {
            Reading::Inbound(inbound) => Some((inbound.key, inbound.id)),
            Reading::Ignored { .. } => None,
        };
        readings.into_iter().filter_map(inbound).collect()
    };
    let twice = ids(&messenger(), "duplicate.json");
    assert_eq!(twice[0], twice[1]);
    let unsent = ids(&messenger(), "unsend_after_message.json");
    assert_ne!(unsent[0].1, unsent[1].1);
    for channel in channels() {
        for path in samples(channel.name().as_str(), "inbound") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let (first, again) = (ids(&*channel, &name), ids(&*channel, &name));
            assert_eq!(first, again, "{name}");
            let distinct: std::collections::HashSet<_> = first.iter().collect();
            assert!(distinct.len() == first.len() || name == "duplicate.json", "{name}");
        }
    }
    // The same message id on another page or of another contact is another message.
    let several = ids(&messenger(), "several.json");
    assert_eq!(several[0].1, several[1].1);
    assert_ne!(several[0].0, several[1].0);
}

#[test]
fn without_an_app_id_our_echoes_are_known_by_our_metadata() {
    // Messenger 27 and 29, for an operator who left the app id out.
    let channel = Messenger::new(messenger::Settings {
        verify_token: Token::new("v"),
        app_secret: Token::new(APP_SECRET),
        app_id: None,
        pages: vec![AccountId::new("1234567890")],
        graph_url: "https://graph.example".to_owned(),
        version: "v25.0".to_owned(),
    });
    let event = |name| match read(&channel, &sample("messenger", name)).unwrap().remove(0) {
        Reading::Inbound(inbound) => inbound.event,
        ignored @ Reading::Ignored { .. } => panic!("{ignored:?}"),
    };
    assert!(matches!(event("echo_own.json"), Event::Echo { tag: Some(tag), .. } if tag == "t7.1"));
    assert!(matches!(event("echo_staff.json"), Event::StaffSaid { .. }));
}

#[test]
fn requests_carry_the_token_in_a_header_that_is_never_printed() {
    // Messenger S6, Zalo 32.
    let message = Outbound { text: "Xin chào".to_owned(), choices: vec![], image: None, tag: "t1.1".to_owned() };
    for (channel, account) in [(&messenger() as &dyn Channel, "1234567890"), (&zalo(), ZALO_OA)] {
        let to: ContactKey =
            serde_json::from_value(json!({"channel": channel.name().as_str(), "account": account, "contact": "7"}))
                .unwrap();
        let request = channel.request(&to, &message, &Token::new("SECRET-TOKEN")).unwrap();
        assert!(!format!("{request:?}").contains("SECRET-TOKEN"));
        assert!(!request.uri().to_string().contains("SECRET-TOKEN"));
        assert!(channel.request(&to, &message, &Token::new("bro\nken")).is_none());
    }
    assert!(!format!("{:?}{:?}{:?}", messenger(), zalo(), liveinfo()).contains("secret-Example"));
    assert!(!format!("{:?}", liveinfo()).contains("dGhv"));
}

#[test]
fn zalo_finds_its_verification_page_and_nobody_finds_another() {
    let page = zalo().site_file("zalo_verifierAb-Cd_012345.html").unwrap();
    assert!(page.contains(r#"<meta name="zalo-platform-site-verification" content="Ab-Cd_012345">"#));
    for other in ["zalo_verifierAb-Cd_012346.html", "zalo_verifier.html", "../zalo_verifierAb-Cd_012345.html", "", "x"]
    {
        assert_eq!(zalo().site_file(other), None, "{other}");
    }
    assert_eq!(Zalo::new(zalo::Settings::default()).site_file("zalo_verifier.html"), None);
}
