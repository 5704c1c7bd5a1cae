//! The conversation of an address.

use super::*;

/// At the question for the address.
fn asked() -> Customer {
    let mut customer = Customer::shipped();
    customer.says("đổi sim").taps("Có").taps("Có").says("0901234567");
    assert_eq!(customer.at(), "hoi_dia_chi");
    customer
}

fn here(latitude: f64, longitude: f64) -> Event {
    Event::Location { latitude, longitude }
}

impl Customer {
    fn titles(&self) -> Vec<String> {
        self.choices().into_iter().map(|choice| choice.title).collect()
    }

    fn tries(&self) -> u8 {
        self.session.as_ref().unwrap().tries
    }

    /// The part that is asked for.
    fn lacks(&self) -> Option<AddressPart> {
        match &self.session.as_ref().unwrap().waiting {
            Waiting::Part { part, .. } => Some(*part),
            _ => None,
        }
    }

    fn guesses(&self) -> Vec<Address> {
        match self.session.as_ref().map(|session| &session.waiting) {
            Some(Waiting::Unsure { guesses: Guesses::Addresses(guesses) }) => guesses.clone(),
            _ => Vec::new(),
        }
    }

    /// The address that was taken, as people read it.
    fn address(&self) -> String {
        match self.slot("dia_chi") {
            Some(Value::Address(address)) => address.shown(),
            other => panic!("{other:?} at {:?}", self.session),
        }
    }
}

#[test]
fn a_rejected_guess_goes_back_to_the_open_question() {
    let mut customer = asked();
    let question = customer.session.as_ref().unwrap().question.clone();
    let session = customer.session.as_mut().unwrap();
    let guess = PLACES.resolve(ADDRESS, &crate::place::Hint::default()).address;
    session.waiting = Waiting::Unsure { guesses: Guesses::Addresses(vec![guess]) };
    session.question =
        crate::domain::session::Question { text: "Có phải ... không ạ?".to_owned(), choices: Vec::new() };
    customer.says("không phải");
    let session = customer.session.as_ref().unwrap();
    assert_eq!((&session.waiting, session.tries), (&Waiting::Answer, 1));
    assert_eq!(session.question, question);
}

#[test]
fn whoever_repeats_the_same_words_comes_to_a_person_in_the_end() {
    const FLOW: &str = "flow: thu\nentry: {default: true}\nslots:\n  dia_chi: {type: address, label: Địa chỉ, need: [street, ward, province], private: true}\n  dong_y: {type: consent, label: Đồng ý}\nsteps:\n  xin: {ask: dong_y, say: \"Đồng ý không ạ?\", if_no: het}\n  hoi: {ask: dia_chi, say: \"Địa chỉ ạ?\", unsure: \"Có phải {dia_chi.guess} không ạ?\"}\n  xem: {confirm: [dia_chi], say: \"Đúng chưa ạ:\"}\n  het: {end: done}\n";
    let words = [
        "phường 1",
        "xã Tân Thành",
        "tan thanh",
        "An Lạc",
        "12 nguyễn trãi",
        "long bien ha noi",
        "hoa binh",
        "quận 1",
        "phuong tan phu",
        "bình minh",
        "tân lập, thái nguyên",
        "đông sơn",
        "12 le loi, tan an",
        "abc",
        "không biết",
    ];
    for said in words {
        let mut customer = Customer::flow(FLOW);
        customer.says("chào").says("đồng ý");
        assert_eq!(customer.at(), "hoi");
        let turns = (0..12).take_while(|_| {
            customer.says(said);
            customer.at() == "hoi"
        });
        assert!(turns.count() < 12, "{said}: {:?}", customer.session);
    }
}

#[test]
fn missing_parts_are_asked_for_one_at_a_time() {
    let mut customer = asked();
    customer.says("15 ngõ 8 Trần Duy Hưng");
    assert_eq!(customer.lacks(), Some(AddressPart::Province));
    customer.says("Hà Nội");
    assert_eq!(customer.lacks(), Some(AddressPart::Ward));
    assert!(customer.heard().contains("Hà Nội"), "{}", customer.heard());
    customer.says("thanh xuan");
    assert_eq!(customer.address(), "15 ngõ 8 Trần Duy Hưng, Phường Thanh Xuân, Thành phố Hà Nội");

    let mut customer = asked();
    customer.says("phường Thanh Xuân, Hà Nội");
    assert_eq!(customer.lacks(), Some(AddressPart::Street));
    customer.says("so 5 ngo 12");
    assert_eq!(customer.address(), "so 5 ngo 12, Phường Thanh Xuân, Thành phố Hà Nội", "never re-accented");
}

#[test]
fn a_number_names_a_ward_of_the_district_said_before() {
    let mut customer = asked();
    customer.says("8 Trần Bình Trọng, quận 5, sài gòn");
    assert_eq!(customer.lacks(), Some(AddressPart::Ward));
    customer.says("phường 9");
    assert_eq!(customer.address(), "8 Trần Bình Trọng, Phường An Đông (Phường 9 cũ), Thành phố Hồ Chí Minh");
}

#[test]
fn a_ward_outside_the_province_said_before_is_asked_about_unless_its_own_is_said() {
    let mut customer = asked();
    customer.says("12 Nguyễn Huệ, Hà Nội").says("phường Bến Nghé");
    assert!(customer.heard().contains("Phường Sài Gòn (Phường Bến Nghé cũ)"), "{}", customer.heard());
    customer.says("đúng");
    assert_eq!(customer.address(), "12 Nguyễn Huệ, Phường Sài Gòn (Phường Bến Nghé cũ), Thành phố Hồ Chí Minh");

    let mut customer = asked();
    customer.says("12 Nguyễn Huệ, Hà Nội").says("à phường Bến Nghé, sài gòn cơ");
    assert_eq!(customer.address(), "12 Nguyễn Huệ, Phường Sài Gòn (Phường Bến Nghé cũ), Thành phố Hồ Chí Minh");
}

#[test]
fn who_named_places_that_exclude_one_another_is_not_asked_in_circles() {
    let mut customer = asked();
    customer.says("12 Nguyễn Huệ, quận 1, Hà Nội");
    assert_eq!(customer.slot("dia_chi"), None);
    customer.says("không phải");
    assert_eq!((customer.lacks(), customer.tries()), (None, 1));
    customer.says("12 Nguyễn Huệ, quận 1, Sài Gòn");
    assert_eq!(customer.lacks(), Some(AddressPart::Ward));
    customer.says("bến nghé");
    assert_eq!(customer.address(), "12 Nguyễn Huệ, Phường Sài Gòn (Phường Bến Nghé cũ), Thành phố Hồ Chí Minh");
}

#[test]
fn the_province_said_now_counts_where_the_words_before_do_not_lie_in_it() {
    let mut customer = asked();
    customer.says("8 Lê Lợi, xã Tân Thành");
    assert_eq!(customer.lacks(), Some(AddressPart::Province));
    // No commune of Đà Nẵng is or was called so.
    customer.says("Đà Nẵng");
    assert_eq!(customer.lacks(), Some(AddressPart::Ward));
    customer.says("hải châu");
    assert_eq!(customer.address(), "8 Lê Lợi, Phường Hải Châu, Thành phố Đà Nẵng");
}

#[test]
fn places_of_one_name_are_buttons_that_say_what_tells_them_apart() {
    let mut customer = asked();
    customer.says("8 Lê Lợi, phường Cửa Nam, Hà Nội");
    let titles = customer.titles();
    assert_eq!(titles[0], "Phường Cửa Nam");
    assert!(titles[1].ends_with(" (Phường Cửa Nam cũ)"), "{titles:?}");
    assert_eq!(titles.last().unwrap(), "Không phải");
    customer.says("cửa nam đó em");
    assert_eq!(customer.guesses().len(), titles.len() - 1, "saying the name again tells nothing");
    customer.taps("Phường Cửa Nam");
    assert_eq!(customer.address(), "8 Lê Lợi, Phường Cửa Nam, Thành phố Hà Nội");

    // In two provinces, these are named.
    let mut customer = asked();
    customer.meets(&here(10.9804, 106.6519));
    let provinces =
        customer.guesses().into_iter().map(|guess| guess.province).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(provinces.len() > 1, customer.titles()[0].contains(", "), "{:?}", customer.titles());
}

#[test]
fn a_refusal_may_go_on_with_the_right_place() {
    let mut customer = asked();
    customer.says("8 Lê Lợi, xa cam giang, hai phong");
    assert_eq!(customer.titles(), ["Xã Cẩm Giang", "Xã Cẩm Giàng", "Không phải"]);
    customer.says("không phải, phường Hồng Bàng");
    assert_eq!(customer.address(), "8 Lê Lợi, Phường Hồng Bàng, Thành phố Hải Phòng");
}

#[test]
fn what_was_refused_is_not_proposed_again() {
    let mut customer = asked();
    customer.says("phường Cửa Nam, Hà Nội");
    let first = Guesses::Addresses(customer.guesses()).places();
    assert!(first.len() > 1);
    customer.says("không phải");
    assert_eq!((customer.tries(), customer.guesses().len()), (1, 0));
    customer.says("phường Cửa Nam, Hà Nội");
    let again = Guesses::Addresses(customer.guesses()).places();
    assert!(again.iter().all(|place| !first.contains(place)), "{again:?} after {first:?}");
    // Another question begins anew.
    customer.says("8 Lê Lợi, phường Sài Gòn, TP HCM").says("tối").says("không").taps("Sửa lại").taps("Địa chỉ");
    customer.says("phường Cửa Nam, Hà Nội");
    assert_eq!(Guesses::Addresses(customer.guesses()).places(), first);
}

#[test]
fn who_refuses_one_of_several_places_is_asked_about_the_others() {
    for said in ["không phải xã Cẩm Giàng", "ko phải Cẩm Giàng đâu", "không phải là xã cẩm giàng"]
    {
        let mut customer = asked();
        customer.says("8 Lê Lợi, xa cam giang, hai phong").says(said);
        assert_eq!(customer.titles(), ["Đúng", "Không phải"], "{said}");
        assert!(customer.heard().contains("Xã Cẩm Giang,"), "{said}: {}", customer.heard());
    }
    for said in ["sai hết rồi", "không phải phường Bến Nghé"] {
        let mut customer = asked();
        customer.says("8 Lê Lợi, xa cam giang, hai phong").says(said);
        assert_eq!((customer.guesses().len(), customer.slot("dia_chi")), (0, None), "{said}");
    }
}

#[test]
fn no_answer_and_no_number_is_taken_for_a_street() {
    for said in ["không biết", "dạ", "để chị xem lại", "không phải phường đó", "0901234567", "sđt 0901 234 567"]
    {
        let mut customer = asked();
        customer.says("phường Thanh Xuân, Hà Nội").says(said);
        assert_eq!((customer.lacks(), customer.slot("dia_chi")), (Some(AddressPart::Street), None), "{said}");
    }
    for said in ["không có số nhà, gần chợ Khương Đình", "xóm Chùa", "vâng, số 5 ngõ 12", "12 - 14 Lê Lợi"]
    {
        let mut customer = asked();
        customer.says("phường Thanh Xuân, Hà Nội").says(said);
        assert!(customer.address().ends_with("Phường Thanh Xuân, Thành phố Hà Nội"), "{said}");
    }
    let mut customer = asked();
    customer.says("phường Thanh Xuân, Hà Nội").says("xóm Chùa, sđt 0901234567");
    assert_eq!(customer.address(), "xóm Chùa, Phường Thanh Xuân, Thành phố Hà Nội");
}

#[test]
fn three_refusals_end_at_a_person() {
    let mut customer = asked();
    for _ in 0..3 {
        customer.says("xã Tân Thành, Lâm Đồng").says("không phải");
        if customer.session.is_none() {
            break;
        }
    }
    assert_eq!(customer.session, None);
    assert!(customer.effects.iter().any(|effect| matches!(effect, Effect::Person { .. })), "{:?}", customer.effects);
}

#[test]
fn a_divided_ward_is_a_question_only_where_different_units_serve_its_parts() {
    const DIVIDED: &str = "8 Trần Phú, phường Cầu Đất, quận Ngô Quyền, Hải Phòng";
    let mut customer = asked();
    customer.says(DIVIDED);
    let parts = customer.guesses();
    assert!(parts.len() > 1 && parts.iter().all(|part| !part.split), "{parts:?}");
    assert!(!customer.titles()[0].contains("cũ"), "they were one ward: {:?}", customer.titles());
    let second = customer.titles()[1].clone();
    customer.taps(&second);
    assert!(customer.address().contains(&second), "{} {second}", customer.address());

    let mut customer = asked();
    customer.apart = false;
    customer.says(DIVIDED);
    assert_eq!(customer.at(), "hoi_gio");
}

#[test]
fn a_shared_location_proposes_the_communes_nearest_to_it() {
    // Hoàn Kiếm lake.
    let lake = here(21.0287, 105.8524);
    let mut customer = asked();
    customer.meets(&lake);
    assert_eq!(customer.titles()[0], "Phường Hoàn Kiếm");
    customer.taps("Phường Hoàn Kiếm");
    assert_eq!(customer.lacks(), Some(AddressPart::Street));
    // A place tells no street.
    assert_eq!(customer.meets(&lake).tries(), 1);
    customer.says("5 Hàng Trống");
    assert_eq!(customer.address(), "5 Hàng Trống, Phường Hoàn Kiếm, Thành phố Hà Nội");

    // Sent for the ward, and in the place of a guess; the street stays.
    let mut customer = asked();
    customer.says("5 Hàng Trống, Hà Nội");
    assert_eq!(customer.lacks(), Some(AddressPart::Ward));
    customer.meets(&here(10.7725, 106.6980)).meets(&lake).taps("Phường Hoàn Kiếm");
    assert_eq!(customer.address(), "5 Hàng Trống, Phường Hoàn Kiếm, Thành phố Hà Nội");
}

#[test]
fn a_location_abroad_or_none_at_all_is_no_answer() {
    for (latitude, longitude) in [(48.85, 2.35), (0.0, 0.0), (f64::NAN, 105.0), (91.0, 105.0)] {
        let mut customer = asked();
        customer.meets(&here(latitude, longitude));
        assert_eq!((customer.at(), customer.guesses().len()), ("hoi_dia_chi", 0), "{latitude} {longitude}");
        assert!(!customer.heard().is_empty());
    }
    // Where no address is asked for, a place is nothing the bot can read.
    let mut customer = Customer::shipped();
    customer.says("đổi sim").meets(&here(21.0287, 105.8524));
    assert!(customer.heard().contains("chưa đọc được"), "{}", customer.heard());
}

#[test]
fn talk_at_later_questions_is_no_new_address() {
    let mut customer = asked();
    customer.says("12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM");
    let before = customer.address();
    for said in ["mai an tâm rồi", "đợi chút nha", "tân binh hả em", "thanh toán sao", "hoà bình nhé", "bình an"]
    {
        let mut customer = asked();
        customer.says("12 Nguyễn Huệ, phường Bến Nghé, quận 1, TP HCM").says(said);
        assert_eq!(customer.address(), before, "{said}");
        let is_correction = matches!(customer.session.as_ref().unwrap().waiting, Waiting::Correct { .. });
        assert!(!is_correction, "{said}: {}", customer.heard());
    }
    // A whole address is one, and so is a name after "à nhầm".
    customer.says("5 Hàng Trống, phường Hoàn Kiếm, Hà Nội");
    assert!(customer.heard().contains("Phường Hoàn Kiếm"), "{}", customer.heard());
    customer.says("ừ").says("à nhầm, phường Bồ Đề");
    assert!(customer.heard().contains("Phường Bồ Đề"), "{}", customer.heard());
}

/// What people say and send when they are asked where they live.
fn answers() -> impl Strategy<Value = Event> {
    let said = prop::sample::select(vec![
        "phường Cửa Nam, Hà Nội",
        "xã Tân Thành",
        "12 Lê Lợi",
        "Hà Nội",
        "tphcm",
        "quận 1 Hà Nội",
        "cẩm giang hải phòng",
        "phường Cầu Đất, quận Ngô Quyền, Hải Phòng",
        "không phải",
        "không phải, xã Tân Thành",
        "không, phường 5",
        "đúng",
        "cái thứ hai",
        "1",
        "phường 5",
        "thanh xuân",
        "abc",
        "để em hỏi lại",
        "5 Hàng Bài, Hà Nội",
        "bến nghé",
    ]);
    let point = prop::sample::select(vec![(21.0287, 105.8524), (10.7725, 106.6980), (48.85, 2.35), (10.98, 106.65)]);
    prop_oneof![
        5 => said.prop_map(|text| Event::Text { text: text.to_owned() }),
        1 => point.prop_map(|(latitude, longitude)| here(latitude, longitude)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is answered, the question is left in the end; nothing that was refused is proposed again, and
    /// every guess can be told from the others.
    #[test]
    fn the_question_for_an_address_comes_to_an_end(answers in prop::collection::vec(answers(), 40), apart: bool) {
        let mut customer = asked();
        customer.apart = apart;
        let left = answers.iter().position(|answer| {
            customer.meets(answer);
            if customer.at() == "hoi_dia_chi" {
                let guesses = customer.guesses();
                let rejected = &customer.session.as_ref().unwrap().rejected;
                let places = Guesses::Addresses(guesses.clone()).places();
                assert!(places.iter().all(|place| !rejected.contains(place)), "{places:?} again");
                if guesses.len() > 1 {
                    let titles: std::collections::BTreeSet<String> = customer.titles().into_iter().collect();
                    assert_eq!(titles.len(), guesses.len() + 1, "{titles:?}");
                }
            }
            customer.at() != "hoi_dia_chi"
        });
        prop_assert!(left.is_some(), "{:?}", customer.session);
    }
}
