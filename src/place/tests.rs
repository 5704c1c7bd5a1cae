//! What customers write, and the commune it must lead to. Every address here was made up for the purpose.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::units::{Level, Unit};
use super::{Doubt, Gazetteer, Hint, PlaceReading, Scheme};
use crate::domain::address::AddressPart;
use crate::text::Decision;

mod bad_input;

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::official);

fn read(text: &str) -> PlaceReading {
    GAZETTEER.resolve(text, &Hint::default())
}

fn read_in(province: &str, text: &str) -> PlaceReading {
    GAZETTEER.resolve(text, &Hint { province: Some(province.to_owned()), ..Hint::default() })
}

fn ward_of(text: &str) -> Option<String> {
    read(text).address.ward
}

#[test]
fn an_old_address_leads_to_the_commune_in_force_however_it_is_typed() {
    for text in [
        "12 Nguyễn Huệ, Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh",
        "12 nguyen hue p ben nghe q1",
        "12 Nguyễn Huệ P.Bến Nghé Q.1 TP.HCM",
        "12 nguyen hue, ben nghe, quan 1, sai gon",
        "12 Nguyen Hue phuong ben ngeh quan 1 tphcm",
        "12 NGUYỄN HUỆ, PHƯỜNG BẾN NGHÉ, QUẬN 1, TP HỒ CHÍ MINH, VIỆT NAM",
        "12 Nguye\u{302}\u{303}n Hue\u{323}\u{302}, PBe\u{302}\u{301}n Nghe\u{301}, Q1, HCM",
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.ward.as_deref()), (Decision::Answer, Some("26740")), "{text}");
        assert_eq!(reading.scheme, Some(Scheme::Old), "{text}");
        assert_eq!(reading.address.label, "Phường Sài Gòn, Thành phố Hồ Chí Minh");
        assert_eq!(reading.address.old_ward.as_deref(), Some("Phường Bến Nghé"));
        assert_eq!(reading.missing, []);
    }
}

#[test]
fn a_new_address_is_taken_as_it_stands() {
    let reading = read("5 Lê Lợi, Phường Sài Gòn, TP.HCM");
    assert_eq!((reading.decision, reading.scheme), (Decision::Answer, Some(Scheme::New)));
    assert_eq!(reading.address.one_line(), "5 Lê Lợi, Phường Sài Gòn, Thành phố Hồ Chí Minh");
    assert_eq!(ward_of("tổ 3 đặc khu Phú Quốc, An Giang").as_deref(), Some("31078"));
}

#[test]
fn the_street_is_kept_as_typed_without_phone_and_courtesy() {
    for phone in ["0901234567", "０９０１２３４５６７", "KHÔNG CHÍN KHÔNG MỘT HAI BA BỐN NĂM SÁU BẢY"]
    {
        let street = read(&format!("{phone} 12 Nguyễn Huệ, P. Bến Nghé, Quận 1")).address.street;
        assert_eq!(street.as_deref(), Some("12 Nguyễn Huệ"), "{phone}");
    }
    let street = |text: &str| read(text).address.street;
    assert_eq!(street("dạ em ở 5A/3  le loi, phường Sài Gòn, tphcm 0901234567 ạ").as_deref(), Some("5A/3 le loi"));
    assert_eq!(street("Phường Sài Gòn, TP.HCM"), None);
    assert_eq!(street("thôn 2, xã Ba Vì, Hà Nội").as_deref(), Some("thôn 2"));
}

#[test]
fn a_province_alone_is_an_answer_that_lacks_the_rest() {
    for (text, code) in
        [("Hà Nội", "01"), ("tp hcm", "79"), ("em ở đà nẵng ạ", "48"), ("Bình Dương", "79"), ("hn", "01")]
    {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.province.as_deref()), (Decision::Answer, Some(code)), "{text}");
        assert!(reading.missing.contains(&AddressPart::Ward), "{text}");
    }
}

#[test]
fn an_old_district_alone_does_not_decide_the_commune() {
    let reading = read("Quận Thanh Khê, Đà Nẵng");
    assert_eq!((reading.address.province.as_deref(), reading.address.ward), (Some("48"), None));
    assert_eq!(reading.missing, [AddressPart::Ward, AddressPart::Street]);
}

#[test]
fn a_known_province_decides_between_communes_of_one_name() {
    let reading = read_in("01", "thanh xuan");
    assert_eq!((reading.decision, reading.address.ward.as_deref()), (Decision::Answer, Some("00367")));
    let open = read("xã Tân Thành");
    assert_eq!(open.decision, Decision::Ask);
    assert_eq!(open.candidates.len(), 3);
    assert_eq!(open.address.province, None);
}

#[test]
fn a_place_outside_the_known_province_is_asked_about_unless_its_own_is_named() {
    let elsewhere = read_in("01", "5 Lê Lợi, phường Bến Nghé");
    assert_eq!((elsewhere.decision, elsewhere.doubt), (Decision::Ask, Some(Doubt::Contradiction)));
    assert_eq!(elsewhere.candidates[0].address.ward.as_deref(), Some("26740"));
    let moved = read_in("01", "5 Lê Lợi, phường Bến Nghé, tphcm");
    assert_eq!((moved.decision, moved.address.ward.as_deref()), (Decision::Answer, Some("26740")));
}

#[test]
fn a_known_district_decides_between_wards_of_one_number() {
    let hint = |district: &str| Hint {
        province: Some("79".to_owned()),
        district: Some(district.to_owned()),
        ..Hint::default()
    };
    // Quận 5 and quận 10.
    for (district, ward) in [("774", "27316"), ("771", "27190")] {
        let reading = GAZETTEER.resolve("phường 9", &hint(district));
        assert_eq!((reading.decision, reading.address.ward.as_deref()), (Decision::Answer, Some(ward)), "{district}");
    }
}

#[test]
fn what_was_rejected_is_no_candidate_again() {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..4 {
        let reading = GAZETTEER.resolve("phường Cửa Nam, Hà Nội", &Hint { rejected: seen.clone(), ..Hint::default() });
        let places: Vec<String> =
            reading.candidates.iter().filter_map(|it| it.address.place().map(str::to_owned)).collect();
        assert!(places.iter().all(|place| !seen.contains(place)), "{places:?} again");
        seen.extend(places);
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[test]
fn communes_that_differ_by_accents_only_are_told_apart_or_asked_about() {
    assert_eq!(read("xã Cẩm Giàng, Hải Phòng").address.ward.as_deref(), Some("10903"));
    assert_eq!(read("xã Cẩm Giang, Hải Phòng").address.ward.as_deref(), Some("10888"));
    let unaccented = read("xa cam giang, hai phong");
    assert_eq!((unaccented.decision, unaccented.address.province.as_deref()), (Decision::Ask, Some("31")));
}

#[test]
fn an_old_ward_with_the_name_of_another_commune_is_asked_about_until_something_tells() {
    let asked = read("Xã Hưng Đạo, Cao Bằng");
    assert_eq!((asked.decision, asked.doubt), (Decision::Ask, Some(Doubt::OldOrNew)));
    let wards: Vec<_> = asked.candidates.iter().filter_map(|it| it.address.ward.as_deref()).collect();
    assert!(wards.contains(&"01351") && wards.contains(&"01273"), "{wards:?}");
    // The district tells, and so does a type word that only one of them has.
    assert_eq!(ward_of("Xã Hưng Đạo, thành phố Cao Bằng, Cao Bằng").as_deref(), Some("01273"));
    assert_eq!(ward_of("5 Lê Lợi, Phường Thanh Xuân, Hà Nội").as_deref(), Some("00367"));
}

#[test]
fn no_name_that_is_both_old_and_new_is_guessed() {
    let units = GAZETTEER.units();
    let mut guessed = Vec::new();
    for old in
        units.all().iter().filter(|it| (it.scheme, it.level, it.is_historic) == (Scheme::Old, Level::Ward, false))
    {
        let is_namesake = |new: &&Unit| new.province == old.province && new.name() == old.name();
        let new = units.all().iter().filter(|it| (it.scheme, it.level) == (Scheme::New, Level::Ward)).find(is_namesake);
        let Some(new) = new.filter(|new| !old.now.iter().any(|now| units.unit(*now) == *new)) else { continue };
        let province = &units.unit(old.province).full_name;
        for text in [format!("{}, {province}", old.name()), format!("8 Lê Lợi, {}, {province}", old.full_name)] {
            let reading = read(&text);
            let is_right = reading.address.ward.as_deref() == units.unit(old.now[0]).code.as_ref().into();
            if reading.decision == Decision::Answer
                && reading.address.ward.is_some()
                && !(old.kind != new.kind && is_right)
            {
                guessed.push(text);
            }
        }
        // After the question for the ward too, unless the commune has the name of its district.
        let is_known = new.districts.iter().any(|it| units.unit(*it).name() == new.name());
        let asked = read_in(&units.unit(old.province).code, old.name());
        if !is_known && asked.decision == Decision::Answer && asked.address.ward.is_some() {
            guessed.push(old.name().to_owned());
        }
    }
    assert!(guessed.len() < 3, "{guessed:?}");
}

#[test]
fn what_does_not_lie_in_one_another_is_asked_about() {
    for text in [
        "quận 1 Hà Nội",
        "Phường Bến Nghé, Quận 1, Hà Nội",
        "xã Tam Hiệp, huyện Thanh Trì, Bình Dương",
        "thị trấn Trâu Quỳ, huyện Gia Lâm, Hà Nội, phường Bến Nghé, quận 1",
        // Two wards of one district.
        "phường Bến Nghé, Bến Thành, quận 1",
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.doubt), (Decision::Ask, Some(Doubt::Contradiction)), "{text}");
    }
    // The same said twice is none.
    assert_eq!(read("12 Nguyễn Huệ p Bến Nghé q1 tphcm, Phường Bến Nghé, Quận 1").decision, Decision::Answer);
}

#[test]
fn slips_are_read_through() {
    for (text, ward) in [
        ("12 Nguyen Hue, phuong Bne Nghe, quan 1, tp hcm", "26740"),
        ("12 nguyen hue phuongbennghe quan1 hcm", "26740"),
        ("12 nguyen hue, ben nghe, qaun 1, tphcm", "26740"),
        ("PHường Bến Nghé - Quận 1 - Sài Gòn", "26740"),
        ("12 nguyễn huệ PBến Nghé TPHCM Q1", "26740"),
        // A short name inside a unit that is named.
        ("xóm 3 xa ab vi, ha noi", "09700"),
        ("tổ 5 phường Bồ Đ, Hà Nội", "00118"),
        // The commune in force has the district's name; the ward before it is misspelt.
        ("ấp 2, Thới Thậun, Bình Đại, Bến Tre", "29107"),
        ("khóm 4 Tam Xuân 1, Núi Thành, Quảng Nam", "20971"),
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.ward.as_deref()), (Decision::Answer, Some(ward)), "{text}");
    }
}

#[test]
fn houses_streets_and_other_words_are_not_taken_for_wards() {
    for (text, ward, street) in [
        ("F7/16 đường Vĩnh Lộc, xã Vĩnh Lộc, TP HCM", Some("27601"), Some("F7/16 đường Vĩnh Lộc")),
        ("7/Q3 tổ 5, phường Bến Nghé, quận 1", Some("26740"), Some("7/Q3 tổ 5")),
        ("nhà ở xã hội HQC, phường Bến Nghé, quận 1", Some("26740"), Some("nhà ở xã hội HQC")),
        ("12/5/3 hẻm 40, phường Bến Nghé, q.1", Some("26740"), Some("12/5/3 hẻm 40")),
        ("giao giúp em về 5 Lê Lợi, phường Sài Gòn, tphcm sau 5h nhé, sdt 0901234567", Some("26740"), Some("5 Lê Lợi")),
        ("thôn Bến Nghé, xã Ba Vì, Hà Nội", Some("09700"), Some("thôn Bến Nghé")),
        // A street after its number is no ward, whatever else is called so; a hamlet's number is none of a house.
        ("12 Lê Lợi, Hà Nội", None, Some("12 Lê Lợi")),
        ("so 5 hang bai ha noi", None, Some("so 5 hang bai")),
        ("ấp 2 Tân Thành, Cà Mau", Some("32025"), Some("ấp 2")),
        // Hàng Bài was a ward of the district Hoàn Kiếm, whose name a commune bears today.
        ("5 Hàng Bài, phường Hoàn Kiếm, Hà Nội", Some("00070"), Some("5 Hàng Bài")),
        ("5 hang bai phuong hoan kiem ha noi", Some("00070"), Some("5 hang bai")),
    ] {
        let reading = read(text);
        assert_eq!((reading.address.ward.as_deref(), reading.address.street.as_deref()), (ward, street), "{text}");
    }
}

#[test]
fn a_street_that_is_called_like_a_ward_or_district_is_asked_about_and_kept() {
    // Behind a house number, or as the end of a person's name.
    for (text, street, first) in [
        ("17 Trần Hưng Đạo, Hoàn Kiếm", "17 Trần Hưng Đạo", "Phường Cửa Nam, Thành phố Hà Nội"),
        ("giao ve 17 tran hung dao, hoan kiem giup em", "17 tran hung dao", "Phường Cửa Nam, Thành phố Hà Nội"),
        ("5 quang trung, ha dong", "5 quang trung", "Phường Hà Đông, Thành phố Hà Nội"),
        ("ngõ 88 đường Lê Lợi, Vinh", "ngõ 88 đường Lê Lợi", "Phường Thành Vinh, Tỉnh Nghệ An"),
        ("45 tran phu, tan phu", "45 tran phu", "Phường Tân Phú, Thành phố Đồng Nai"),
        ("12 nguyễn thái bình tân bình", "12 nguyễn thái bình", "Phường Thái Bình, Tỉnh Hưng Yên"),
        ("12 Thủ Đức", "12 Thủ Đức", "Phường Thủ Đức, Thành phố Hồ Chí Minh"),
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.doubt), (Decision::Ask, Some(Doubt::Guess)), "{text}");
        assert_eq!(reading.address.street.as_deref(), Some(street), "{text}");
        assert_eq!(reading.candidates[0].address.label, first, "{text}");
    }
    for (text, street) in
        [("12 lê hồng phong, hải phòng", "12 lê hồng phong"), ("12 lạc long quân tân bình", "12 lạc long quân")]
    {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.street.as_deref()), (Decision::Ask, Some(street)), "{text}");
    }
    for text in ["120 Cầu Giấy, Hà Nội", "22b go dau tay ninh", "45 Hai Bà Trưng, Hà Nội"] {
        let address = read(text).address;
        assert!(address.ward.is_none() && address.province.is_some() && address.old_district.is_none(), "{text}");
    }
    // Not behind the number of a street, a block or a hamlet, nor where a type word tells.
    for text in [
        "12 đường số 5 Hoà Phú, Củ Chi",
        "Tổ 17 Cụm 3 Phú Thượng, Tây Hồ, Hà Nội",
        "Thôn 2 Hoà Phú, Củ Chi",
        "165 Cầu Giấy, P. Quan Hoa",
        "12 Lê Lợi, Bến Nghé, Quận 1",
        "phương liên, đống đa, hà nội",
    ] {
        let reading = read(text);
        assert_eq!(reading.decision, Decision::Answer, "{text}");
        assert!(reading.address.ward.is_some(), "{text}");
    }
}

#[test]
fn what_is_said_not_to_be_meant_is_no_address() {
    for text in ["không phải phường Bến Nghé, Quận 1", "em không ở quận 1 mà ở quận 3", "ko o phuong ben nghe q1 hcm"]
    {
        let reading = read(text);
        assert_eq!(
            (reading.decision, reading.address.ward, reading.address.street),
            (Decision::Ask, None, None),
            "{text}"
        );
    }
    assert_eq!(read("không ở hà nội").decision, Decision::None);
    assert_eq!(read("không phải bến thành").decision, Decision::None);
    let other = read("không ở Thanh Xuân, ở phường Bến Nghé, Quận 1");
    assert_eq!(other.candidates[0].address.label, "Phường Sài Gòn, Thành phố Hồ Chí Minh");
}

#[test]
fn a_district_alone_offers_its_communes_the_one_of_its_name_first() {
    let reading = read("huyện Đồng Văn, Hà Giang");
    assert_eq!((reading.address.province.as_deref(), reading.address.ward.as_deref()), (Some("08"), None));
    assert_eq!(reading.candidates.len(), 3);
    assert_eq!(reading.candidates[0].address.label, "Xã Đồng Văn, Tỉnh Tuyên Quang");
    // Behind a ward that is named they come last, and are no parts of it.
    let named = read("phường Bến Nghé, quận 1").candidates;
    let former: Vec<_> = named.iter().map(|it| it.address.old_ward.as_deref()).collect();
    assert_eq!(former, [Some("Phường Bến Nghé"), None, None]);
}

#[test]
fn a_split_ward_answers_its_default_and_shows_the_others() {
    let reading = read("8 Trần Phú, Phường Cầu Đất, Quận Ngô Quyền, Hải Phòng");
    assert!(reading.address.split && reading.decision == Decision::Answer);
    assert!(reading.candidates.len() >= 2);
    assert_ne!(reading.candidates[0].address.ward, reading.candidates[1].address.ward);
}

#[test]
fn other_words_are_no_place() {
    for text in ["", "mai nhé em", "ok", "0901234567", "không có", "12345678901234567890"] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.province), (Decision::None, None), "{text}");
    }
    let street = read("12 nguyen hue").address;
    assert_eq!((street.province, street.ward), (None, None), "a street is not in Huế");
}

#[test]
fn a_province_in_a_sentence_is_no_commune() {
    for text in [
        "mình đang ở Hà Nội",
        "minh dang o ha noi",
        "nội thành Đà Nẵng",
        "tui Hải Phòng",
        "dong thap ban oi",
        "quê em ở Hà Nam nha",
        "em o dak lak",
        "Hà Nội, Hà Nội",
        "tp Hà Nội, Hà Nội",
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.address.ward), (Decision::Answer, None), "{text}");
        assert!(reading.address.province.is_some(), "{text}");
    }
    // Communes and districts are called so, too.
    for text in
        ["Đồng Nai, Đồng Nai", "Quảng Ninh, Quảng Ninh", "Phú Yên, Phú Yên", "12 Lê Lợi, Bình Dương, Bình Dương"]
    {
        let address = read(text).address;
        assert!(address.ward.is_none() && address.province.is_some(), "{text}");
    }
    assert_eq!(ward_of("12 Lê Lợi, phường Bình Dương, TP HCM").as_deref(), Some("25760"));
}

#[test]
fn every_commune_in_force_is_found_by_its_full_name_and_province_or_asked_about() {
    let mut asked = 0;
    let mut lost = Vec::new();
    for (code, name, province) in GAZETTEER.wards() {
        let text = format!("{name}, {}", GAZETTEER.province_name(province).unwrap());
        let reading = read(&text);
        match reading.decision {
            Decision::Answer if reading.address.ward.as_deref() == Some(code) => {}
            // An old ward of that name and type went elsewhere.
            Decision::Ask if reading.candidates.iter().any(|it| it.address.ward.as_deref() == Some(code)) => asked += 1,
            _ => lost.push((code, text, reading.decision)),
        }
    }
    assert_eq!(lost, []);
    assert!(asked < 200, "{asked}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn any_row_of_address_words_is_read_and_keeps_the_customers_words(words in prop::collection::vec(
        prop::sample::select(vec![
            "12", "p", "Q", "tp", "tx", "Phường", "xã", "1", ",", "Hà Nội", "hcm", "tân", "thành", "đường", "/", "-",
            "Việt Nam", "70000", "XPhước", "t.", "\u{302}",
        ]), 0..90)) {
        let text = words.join(" ");
        let reading = read(&text);
        prop_assert!(reading.candidates.len() <= 3);
        prop_assert_eq!(reading.address.text, text);
    }
}
