//! Conversations with the shipped flows and with small ones, on a fixed clock.

use proptest::prelude::*;

use super::*;
use crate::domain::address::AddressPart;
use crate::domain::limits::TextUnit;
use crate::domain::message::PromptOutcome;
use crate::domain::phone::Phone;
use crate::domain::session::{Guesses, Waiting};
use crate::domain::slot::Value;
use crate::domain::ticket::TicketKind;
use crate::flow::compile::{File, Names, compile};
use crate::runtime::registry;

mod address;
mod change;
mod phone;
mod property;
mod repair;
mod unclear;
mod verb;

const SHIPPED: [(&str, &str); 6] = [
    ("flows/doi-sim-4g.yaml", include_str!("../../flows/doi-sim-4g.yaml")),
    ("flows/thue-bao-moi.yaml", include_str!("../../flows/thue-bao-moi.yaml")),
    ("flows/goi-ra-4g.yaml", include_str!("../../flows/goi-ra-4g.yaml")),
    ("flows/tu-van.yaml", include_str!("../../flows/tu-van.yaml")),
    ("flows/mac-dinh.yaml", include_str!("../../flows/mac-dinh.yaml")),
    ("flows/chung/chung.yaml", include_str!("../../flows/chung/chung.yaml")),
];

/// Of a channel that can carry and push everything.
static LIMITS: Limits = Limits {
    text: 2000,
    unit: TextUnit::Char,
    choices: 13,
    choice_title: 20,
    window: None,
    accents: true,
    pushes: true,
};
static PLACES: std::sync::LazyLock<Gazetteer> = std::sync::LazyLock::new(Gazetteer::official);

/// A customer who talks to flows; what the bot does is kept for looking at.
struct Customer {
    flows: Flows,
    channel: ChannelName,
    profile: Profile,
    session: Option<Session>,
    effects: Vec<Effect>,
    trace: Vec<Trace>,
    limits: Limits,
    now: Timestamp,
    closed: Vec<String>,
    /// Whether every commune has a unit of its own.
    apart: bool,
}

impl Customer {
    fn of(files: &[(&str, &str)]) -> Self {
        let files: Vec<_> = files.iter().map(|(p, t)| File { path: (*p).to_owned(), text: (*t).to_owned() }).collect();
        let compiled = compile(
            &files,
            Names { limits: &registry::limits(), queues: &["cskh".to_owned()], services: &["crm".to_owned()] },
        );
        let flows = compiled.map_err(|problems| format!("{problems:#?}")).unwrap().flows;
        let (channel, profile) = (ChannelName::new("web"), Profile::default());
        Self {
            flows,
            channel,
            profile,
            session: None,
            effects: Vec::new(),
            trace: Vec::new(),
            limits: LIMITS.clone(),
            now: Timestamp::parse_rfc3339("2026-11-22T09:00:00+07:00").unwrap(),
            closed: Vec::new(),
            apart: true,
        }
    }

    fn shipped() -> Self {
        Self::of(&SHIPPED)
    }

    fn flow(text: &str) -> Self {
        Self::of(&[("flows/thu.yaml", text)])
    }

    fn meets(&mut self, event: &Event) -> &mut Self {
        let (closed, apart) = (&self.closed, |_: &Address, _: &Address| self.apart);
        let world = World { flows: &self.flows, places: &PLACES, queue: "cskh", closed, apart: &apart };
        let link = (self.channel.as_str() == "liveinfo").then_some("https://x.vn/c/abc");
        let input =
            Input { event, channel: &self.channel, limits: &self.limits, contact: &self.profile, link, campaign: None };
        let turn = turn(world, self.session.as_ref(), input, self.now);
        (self.session, self.effects, self.trace) = (turn.session, turn.effects, turn.trace);
        for effect in &self.effects {
            if let Effect::Speak(language) = effect {
                self.profile.language = *language;
            }
        }
        self
    }

    /// Lets the session's next moment come.
    fn waits(&mut self) -> &mut Self {
        self.now = self.session.as_ref().and_then(|session| session.due).expect("something is due").at;
        self.meets(&Event::Due)
    }

    fn says(&mut self, text: &str) -> &mut Self {
        self.meets(&Event::Text { text: text.to_owned() })
    }

    fn taps(&mut self, title: &str) -> &mut Self {
        let choice = self.choices().into_iter().find(|choice| choice.title == title);
        let Choice { payload, title } = choice.unwrap_or_else(|| panic!("no choice {title}: {:?}", self.effects));
        self.meets(&Event::Choice { payload, title })
    }

    fn choices(&self) -> Vec<Choice> {
        let said = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Say { choices, .. } => Some(choices.clone()),
            _ => None,
        });
        said.unwrap_or_default()
    }

    /// The steps that spoke, without the flow's name.
    fn spoke(&self) -> Vec<&str> {
        let steps = self.effects.iter().filter_map(|effect| match effect {
            Effect::Say { step, .. } => Some(step.rsplit('/').next().unwrap_or_default()),
            _ => None,
        });
        steps.collect()
    }

    fn heard(&self) -> String {
        let said = self.effects.iter().filter_map(|effect| match effect {
            Effect::Say { text, .. } => Some(text.as_str()),
            _ => None,
        });
        said.collect::<Vec<_>>().join("\n")
    }

    fn at(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.step)
    }

    fn slot(&self, name: &str) -> Option<&Value> {
        self.session.as_ref()?.progress.slots.get(name)
    }

    fn handed_off(&self) -> Option<&TicketRequest> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::HandOff(request) => Some(&**request),
            _ => None,
        })
    }
}

const ADDRESS: &str = "12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM";

#[test]
fn a_customer_is_led_from_the_first_word_to_a_ticket() {
    let mut customer = Customer::shipped();
    assert_eq!(customer.says("đổi sim").spoke(), ["chao", "moi"]);
    customer.taps("Có");
    assert!(matches!(customer.taps("Có").effects[0], Effect::Consent(_)));
    customer.says("sdt em 0901.234.567 ạ").says(ADDRESS).taps("Buổi sáng").says("ko").says("đúng rồi");
    let request = customer.handed_off().unwrap();
    assert_eq!(request.kind, TicketKind::SimSwap);
    assert_eq!(request.subscriber, Some(Phone::from_significant("901234567")));
    assert_eq!(request.place.as_ref().unwrap().ward.as_deref(), Some("26740"));
    assert_eq!(request.slots["gio_nhan"], Value::Choice("sang".to_owned()));
    assert!(!request.quarantine && customer.session.is_none());
    assert!(customer.heard().contains("090***4567") && !customer.heard().contains("0901 234 567"));
}

#[test]
fn nothing_a_customer_does_leads_to_the_flow_for_calling_them() {
    let call = "goi-ra-4g";
    let title = Customer::shipped().flows.flows[call].title.clone();
    for words in [call, &title, "gọi ra", "gọi lại cho tôi", "đổi sim 4g"] {
        let mut customer = Customer::shipped();
        customer.says(words);
        assert!(customer.trace.iter().all(|trace| trace.flow != call), "{words}");
        customer.meets(&Event::Open { reference: Some(words.to_owned()) });
        customer.meets(&Event::Choice { payload: format!("menu/{words}"), title: words.to_owned() });
        assert!(customer.session.as_ref().is_none_or(|session| session.flow != call), "{words}");
    }
}

#[test]
fn the_menu_begins_its_flow_whatever_is_under_way() {
    let mut customer = Customer::shipped();
    let menu = menu(&customer.flows);
    let shown: Vec<_> = menu.iter().map(|choice| (choice.payload.as_str(), choice.title.as_str())).collect();
    let sim = ("menu/doi-sim-4g", "Đổi SIM 4G miễn phí");
    assert_eq!(shown, [sim, ("menu/thue-bao-moi", "Đăng ký thuê bao mới"), ("menu/tu-van", "Tư vấn gói cước")]);
    let tap = |payload: &str| Event::Choice { payload: payload.to_owned(), title: "?".to_owned() };
    assert_eq!(customer.meets(&tap("menu/doi-sim-4g")).at(), "moi");
    customer.taps("Có").taps("Có").says("0901234567").meets(&tap("menu/doi-sim-4g"));
    assert_eq!((customer.at(), customer.slot("so_dt")), ("moi", None), "from its start");
    customer.meets(&tap("menu/tu-van"));
    assert_eq!(customer.session.as_ref().unwrap().flow, "tu-van");
    let before = customer.session.clone();
    for other in ["menu/mac-dinh", "menu/khong-co", "menu/"] {
        customer.meets(&tap(other));
        assert_eq!(customer.session.as_ref().unwrap().flow, "tu-van", "{other} is not in the menu");
        customer.session.clone_from(&before);
    }
}

#[test]
fn without_consent_nothing_private_is_asked() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Không");
    assert_eq!((customer.session.as_ref(), customer.handed_off()), (None, None));
    let refused = Effect::Ended { flow: "doi-sim-4g".to_owned(), outcome: "declined".to_owned() };
    assert!(customer.effects.contains(&refused), "{:?}", customer.effects);
}

#[test]
fn a_number_known_already_is_confirmed_or_replaced() {
    for (answer, number) in [("đúng", "901234567"), ("không, 0912 345 678", "912345678")] {
        let mut customer = Customer::shipped();
        customer.profile.phone = Some(Phone::from_significant("901234567"));
        customer.says("đổi sim").taps("Có").taps("Có");
        assert!(customer.heard().contains("0901 234 567"), "{}", customer.heard());
        customer.says(answer);
        assert_eq!(customer.slot("so_dt"), Some(&Value::Phone(Phone::from_significant(number))), "{answer}");
        assert_eq!(customer.at(), "hoi_dia_chi");
    }
    let mut customer = Customer::shipped();
    customer.profile.phone = Some(Phone::from_significant("901234567"));
    customer.says("đổi sim").taps("Có").taps("Có").says("không phải");
    assert_eq!((customer.at(), customer.slot("so_dt")), ("hoi_so", None));
}

#[test]
fn three_answers_that_are_none_end_at_a_person() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có");
    assert!(customer.says("abc").heard().contains("abc"));
    customer.says("xyz");
    assert_eq!(customer.at(), "hoi_so");
    customer.says("thôi");
    assert!(customer.effects.contains(&Effect::Person { queue: "cskh".to_owned() }), "{:?}", customer.effects);
    assert_eq!(customer.session, None);
}

#[test]
fn an_interrupt_is_answered_and_the_question_comes_back() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có");
    let question = customer.heard();
    let tries = customer.says("mất tiền không em?").session.as_ref().unwrap().tries;
    assert_eq!((customer.at(), tries), ("hoi_so", 0));
    assert!(customer.heard().contains("miễn phí") && customer.heard().ends_with(&question), "{}", customer.heard());
}

#[test]
fn stopping_is_confirmed_and_no_goes_on() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("dừng");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Interrupt { .. }));
    customer.says("không");
    assert_eq!(customer.at(), "hoi_so");
    customer.says("dừng").says("có");
    assert_eq!(customer.session, None);
}

#[test]
fn unaccented_dung_is_yes_where_yes_or_no_is_expected() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567").says(ADDRESS).taps("Buổi tối").says("k");
    customer.says("dung");
    assert!(customer.handed_off().is_some(), "{:?}", customer.effects);
}

#[test]
fn a_slot_named_in_the_summary_is_asked_again_and_the_summary_comes_back() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567").says(ADDRESS).taps("Buổi tối").says("k");
    customer.taps("Sửa lại").taps("Giờ nhận");
    assert_eq!(customer.at(), "hoi_gio");
    customer.taps("Buổi chiều");
    assert_eq!(customer.at(), "xac_nhan");
    assert_eq!(customer.slot("gio_nhan"), Some(&Value::Choice("chieu".to_owned())));
}

#[test]
fn a_late_tap_is_told_so_and_changes_nothing() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim");
    let old = customer.choices()[1].clone();
    customer.taps("Có");
    let before = customer.session.clone();
    customer.meets(&Event::Choice { payload: old.payload.clone(), title: old.title });
    assert_eq!(customer.session, before);
    assert!(customer.heard().starts_with(words::Words::on(Language::Vi).expired));
    // Typed by hand it is worth no more.
    assert_eq!(customer.says(&old.payload).session, before);
}

#[test]
fn numbers_and_titles_stand_for_choices() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").says("1").says("1").says("0901234567").says(ADDRESS).says("2");
    assert_eq!(customer.slot("gio_nhan"), Some(&Value::Choice("chieu".to_owned())));
}

#[test]
fn a_picture_is_answered_and_does_not_count_as_a_try() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim");
    for _ in 0..5 {
        customer.meets(&Event::Media { media: "image".to_owned(), url: None });
        assert_eq!(customer.at(), "moi");
    }
}

#[test]
fn yes_on_a_prompt_leads_into_the_flow_with_the_number_known() {
    let mut customer = Customer::shipped();
    customer.channel = ChannelName::new("liveinfo");
    customer.profile =
        Profile { phone: Some(Phone::from_significant("901234567")), phone_verified: true, ..Profile::default() };
    let answer = |raw: &str, session_open| Event::Prompt {
        campaign: "sim4g".to_owned(),
        outcome: PromptOutcome::Answered { raw: raw.to_owned() },
        session_open,
    };
    customer.meets(&answer("YES", true));
    assert_eq!(customer.at(), "moi_xong");
    assert!(customer.heard().contains("https://x.vn/c/abc"));
    customer.says("CO");
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Known { .. }));

    customer.meets(&answer("NO", true));
    assert!(customer.effects.contains(&Effect::Prompt { campaign: "sim4g".to_owned(), answer: PromptAnswer::No }));
    assert_eq!(customer.session, None);

    customer.meets(&answer("YES", false));
    assert_eq!(customer.session, None, "the gateway has closed the session: the link leads on");
    assert!(customer.heard().contains("https://x.vn/c/abc"));

    customer.meets(&answer("TC", false));
    assert!(customer.effects.contains(&Effect::OptOut));

    customer.meets(&Event::Prompt {
        campaign: "sim4g".to_owned(),
        outcome: PromptOutcome::Timeout,
        session_open: false,
    });
    assert_eq!(customer.effects, [], "silence is neither yes nor no");
}

#[test]
fn an_unclear_prompt_answer_is_asked_once_more_where_the_session_allows() {
    let mut customer = Customer::shipped();
    customer.channel = ChannelName::new("liveinfo");
    let outcome = PromptOutcome::Answered { raw: "gi vay".to_owned() };
    customer.meets(&Event::Prompt { campaign: "sim4g".to_owned(), outcome, session_open: true });
    assert!(matches!(customer.session.as_ref().unwrap().waiting, Waiting::Prompt { .. }));
    let mut again = Customer { session: customer.session.clone(), ..Customer::shipped() };
    again.channel = customer.channel.clone();
    assert_eq!(again.says("yes").at(), "moi_xong");
    customer.says("hả");
    assert_eq!(customer.session, None);
}

#[test]
fn a_link_reference_starts_its_flow_and_opening_again_repeats_the_question() {
    let mut customer = Customer::shipped();
    let open = Event::Open { reference: Some("sim4g".to_owned()) };
    assert_eq!(customer.meets(&open).spoke(), ["chao", "moi"]);
    customer.taps("Có");
    assert_eq!(customer.meets(&open).spoke(), ["moi_xong"]);
    assert_eq!(customer.meets(&Event::Open { reference: None }).spoke(), ["moi_xong"]);
}

#[test]
fn erasing_works_outside_any_flow_and_is_confirmed() {
    for agreed in ["có", "ok xóa đi", "đồng ý xóa thông tin"] {
        let mut customer = Customer::shipped();
        customer.says("xóa dữ liệu");
        assert!(!customer.effects.contains(&Effect::Erase));
        customer.says(agreed);
        assert!(customer.effects.contains(&Effect::Erase), "{agreed}");
        assert_eq!(customer.session, None);
    }
}

#[test]
fn restarting_forgets_the_answers() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567").says("bắt đầu lại");
    assert_eq!((customer.at(), customer.slot("so_dt")), ("moi", None));
}

#[test]
fn conditions_branches_and_return_from_a_person() {
    let text = "flow: thu\nslots:\n  loai: {type: choice, options: {mot: Một, hai: Hai}}\nentry: {default: true}\nsteps:\n  \
                hoi: {ask: loai, say: \"Loại nào ạ?\"}\n  re: {branch: [{when: loai is hai, go: nguoi}]}\n  xong: {end: mot, say: \"Một ạ\"}\n  \
                nguoi: {person: cskh, say: \"Đợi ạ\", return_to: hoi_lai}\n  hoi_lai: {say: \"Em nghe ạ\", if: not loai is mot}\n  het: {end: hai}\n";
    let mut customer = Customer::flow(text);
    customer.says("chào").says("một");
    assert_eq!(customer.spoke(), ["xong"]);
    customer.says("chào").says("hai");
    assert_eq!(customer.session.as_ref().unwrap().waiting, Waiting::Person);
    let world = World { flows: &customer.flows, places: &PLACES, queue: "cskh", closed: &[], apart: &|_, _| true };
    let event = Event::Control { bot: true };
    let input = Input {
        event: &event,
        channel: &customer.channel,
        limits: &LIMITS,
        contact: &customer.profile,
        link: None,
        campaign: None,
    };
    let back = give_back(world, customer.session.as_ref(), input, Timestamp::default());
    assert!(matches!(&back.effects[0], Effect::Say { text, .. } if text == "Em nghe ạ"), "{back:?}");
}

#[test]
fn a_session_whose_step_is_gone_goes_back_to_the_start_with_its_answers() {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567");
    let session = customer.session.as_mut().unwrap();
    session.step = "mot_buoc_cu".to_owned();
    session.progress.slots.insert("gio_nhan".to_owned(), Value::YesNo(true));
    customer.says("hả");
    // From the start on, what was said already is not asked again.
    assert_eq!(customer.at(), "hoi_dia_chi");
    assert!(
        customer.slot("so_dt").is_some() && customer.slot("gio_nhan").is_none(),
        "a value of another type is dropped"
    );
}

/// Anything a customer may send, half of it what the flow asks for.
fn anything() -> impl Strategy<Value = Event> {
    let typed = prop_oneof![
        Just("có".to_owned()),
        Just("không".to_owned()),
        Just("0901234567".to_owned()),
        Just(ADDRESS.to_owned()),
        Just("hà nội".to_owned()),
        Just("sáng".to_owned()),
        Just("đúng".to_owned()),
        Just("dừng".to_owned()),
        Just("gặp nhân viên".to_owned()),
        Just("bắt đầu lại".to_owned()),
        Just("xóa dữ liệu".to_owned()),
        Just("2".to_owned()),
        "\\PC{0,40}",
    ];
    prop_oneof![
        8 => typed.prop_map(|text| Event::Text { text }),
        1 => "[a-z_]{1,9}=[a-z0-9]{1,5}".prop_map(|payload| Event::Choice { title: payload.clone(), payload }),
        1 => Just(Event::Media { media: "image".to_owned(), url: None }),
        1 => Just(Event::Open { reference: None }),
        1 => Just(Event::Left),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is said, a turn ends, waits at a step that exists, and is the same when run again.
    #[test]
    fn any_conversation_goes_on_and_can_be_replayed(events in prop::collection::vec(anything(), 1..20)) {
        let mut customer = Customer::shipped();
        let mut again = Customer::shipped();
        for event in &events {
            customer.meets(event);
            again.meets(event);
            prop_assert_eq!(&customer.session, &again.session);
            prop_assert_eq!(&customer.effects, &again.effects);
            if let Some(session) = &customer.session {
                let flow = &customer.flows.flows[&session.flow];
                prop_assert!(flow.find(&session.step).is_some());
                prop_assert!(!session.question.text.is_empty());
                let stored = serde_json::to_string(session).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Session>(&stored).unwrap(), session);
            }
            if super::speaks(event) {
                prop_assert!(!customer.effects.is_empty(), "silent at {:?}", event);
            }
        }
    }
}
