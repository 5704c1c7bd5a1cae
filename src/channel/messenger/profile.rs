//! The page's profile: the persistent menu, and the Get Started button that Meta wants set before it.

use bytes::Bytes;
use http::Method;
use serde::Serialize;

use super::GET_STARTED;
use crate::domain::message::Choice;

/// Most entries of a menu; the flows behind them are reached by their keywords.
const ENTRIES: usize = 20;

/// The whole of what we set in the profile.
#[derive(Serialize)]
struct Profile<'a> {
    get_started: Button<'static>,
    persistent_menu: [Menu<'a>; 1],
}

#[derive(Serialize)]
struct Button<'a> {
    payload: &'a str,
}

/// The menu of every locale.
#[derive(Serialize)]
struct Menu<'a> {
    locale: &'static str,
    composer_input_disabled: bool,
    call_to_actions: Vec<Postback<'a>>,
}

#[derive(Serialize)]
struct Postback<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    payload: &'a str,
}

/// How the profile is asked for this menu.
pub(super) fn body(menu: &[Choice]) -> (Method, Bytes) {
    if menu.is_empty() {
        return (Method::DELETE, Bytes::from_static(br#"{"fields":["persistent_menu"]}"#));
    }
    let entries = menu.iter().take(ENTRIES);
    let entries = entries.map(|Choice { title, payload }| Postback { kind: "postback", title, payload }).collect();
    let profile = Profile {
        get_started: Button { payload: GET_STARTED },
        persistent_menu: [Menu { locale: "default", composer_input_disabled: false, call_to_actions: entries }],
    };
    (Method::POST, Bytes::from(serde_json::to_vec(&profile).expect("strings alone always serialise")))
}
