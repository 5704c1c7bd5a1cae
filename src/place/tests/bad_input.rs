//! Texts that are no address, or mean harm: none is answered with a commune, and none costs more than the limits.

use super::*;
use crate::place::hit::Runs;
use crate::place::scene::Scene;
use crate::place::score::{Hinted, Scoring};
use crate::place::typed::Typed;
use crate::text::{head, nfc};

#[test]
fn what_names_no_place_is_none() {
    for text in [
        "",
        " ",
        "\n\t",
        "a",
        "Q",
        "7",
        ",,,,",
        "😀😀😀",
        "🏠🇻🇳",
        "\u{0}\u{1}\u{7f}\u{202e}\u{feff}",
        "\u{301}\u{302}",
        "東京都渋谷区神南1-2-3",
        "Москва, улица Ленина, дом 5",
        "شارع الملك، بغداد",
        "กรุงเทพมหานคร",
        "서울특별시 강남구",
        "221B Baker Street, London",
        "1 Infinite Loop, Cupertino, CA 95014, USA",
        "'; DROP TABLE units; --",
        "<script>alert(1)</script>",
        "${jndi:ldap://x/a}",
        "{{7*7}}",
        "../../etc/passwd",
        "%s%s%n",
        "phường phường phường",
        "mất tiền không em",
        "có ai ở đó không",
    ] {
        let reading = read(text);
        assert_eq!((reading.decision, reading.doubt), (Decision::None, Some(Doubt::NoPlace)), "{text:?}");
        assert_eq!((reading.address.province, reading.candidates.len()), (None, 0), "{text:?}");
        assert!(reading.confidence.abs() < f32::EPSILON);
    }
}

#[test]
fn places_abroad_are_not_answered() {
    for text in [
        "12 Lê Lợi, quận 13, Paris, Pháp",
        "Little Saigon, Westminster, California",
        "Sài Gòn, Mỹ",
        "5 Tân Phú, Toronto, Canada",
        "Bình Dương, Singapore",
        "Phnom Penh, Campuchia",
        "12 Nguyễn Huệ, Phường Bến Nghé, Quận 1, Campuchia",
        "Hà Nội, Úc",
        "ha noi, uc",
    ] {
        let reading = read(text);
        assert_ne!(reading.decision, Decision::Answer, "{text}");
        assert_eq!((reading.address.province, reading.address.ward), (None, None), "{text}");
        assert!(reading.confidence <= 0.5, "{text}");
    }
    // Not abroad, though the words are there.
    assert_eq!(ward_of("5 đường Nguyễn Đức Cảnh, phường Bến Nghé, quận 1, tphcm").as_deref(), Some("26740"));
    assert_eq!(read("KCN Việt Nam Singapore, Thuận An, Bình Dương").address.province.as_deref(), Some("79"));
}

#[test]
fn invisible_characters_and_markup_around_an_address_change_nothing() {
    for text in [
        "12 Nguyễn\u{200b} Huệ, phường Bến\u{0} Nghé, quận 1",
        "\u{feff}12 Nguyễn Huệ, phường\u{a0}Bến Nghé,\u{202e} quận 1",
        "<b>12 Nguyễn Huệ</b>, phường Bến Nghé, quận 1",
        "12 Nguyễn Huệ 🏠, phường Bến Nghé 👍, quận 1 ❤️",
        "12 Nguyễn Huệ; phường Bến Nghé; quận 1; DROP TABLE x",
    ] {
        assert_eq!(ward_of(text).as_deref(), Some("26740"), "{text:?}");
    }
}

/// Every answer people give to a yes/no question that the phrases' authors collected.
#[test]
fn answers_to_other_questions_are_not_answered_with_a_commune() {
    const PHRASES: &str = include_str!("../../../tests/phrases/yes_no.tsv");
    let named = ["12 Nguyễn Huệ, phường Sài Gòn", "phường Bến Nghé"];
    let phrases = PHRASES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let mut read_as_address = Vec::new();
    let mut count = 0;
    for (_, phrase) in phrases {
        count += 1;
        let reading = read(&phrase.replace("\\n", " "));
        if reading.decision == Decision::Answer && reading.address.ward.is_some() {
            read_as_address.push(phrase);
        }
    }
    assert!(count > 1_500, "{count}");
    assert_eq!(read_as_address, named);
}

/// Texts made to cost as much as any.
fn costly() -> Vec<String> {
    let units = GAZETTEER.units();
    let names = |level: Level| units.all().iter().filter(move |it| it.level == level).map(|it| it.name().to_owned());
    let mut texts: Vec<String> = [
        "phường 1 ",
        "p1 q1 ",
        "quận 1, ",
        "tân thành ",
        "xã tân thành, ",
        "hà nội ",
        "tan tan ",
        "t ",
        "a",
        "đ",
        "an ",
        "thanh thanh ",
        "1/2/3/",
        "phuong",
        "binhbinh",
        "tân\n",
        "xa xa ",
        "tp hcm ",
        "bình, ",
        "hao binh ",
        "phú yên, ",
    ]
    .map(|piece| piece.repeat(10_000 / piece.chars().count()))
    .into();
    texts.push(names(Level::Province).collect::<Vec<_>>().join(" "));
    texts.push(names(Level::District).collect::<Vec<_>>().join(" quận "));
    texts.push(names(Level::Ward).take(2_000).collect::<Vec<_>>().join(", "));
    texts.push(names(Level::Ward).map(|name| name.chars().rev().collect::<String>()).collect::<Vec<_>>().join(" "));
    texts
}

#[test]
fn no_text_costs_more_than_the_limits() {
    for text in costly() {
        let readable = nfc(head(&text, crate::text::word::LONGEST_MESSAGE));
        let typed = Typed::read(&readable, &[]);
        let shown: String = text.chars().take(30).collect();
        assert!(readable.chars().count() <= 500 && typed.pieces.len() <= 96, "{shown}");
        let scene = Scene::new(&typed);
        let mut runs = Runs::exact(&scene, &GAZETTEER.names);
        let near = runs.near(&vec![true; scene.length]);
        runs.all.extend(near);
        assert!(runs.all.len() <= 400, "{shown}: {}", runs.all.len());
        let hinted = Hinted::of(&Hint::default(), GAZETTEER.units());
        let scoring = Scoring::new(GAZETTEER.units(), &GAZETTEER.names, &scene, hinted, &runs.all);
        let destinations = scoring.destinations();
        assert!(scoring.provinces.len() <= 12 && destinations.len() <= 16, "{shown}");
        let reading = read(&text);
        assert!(reading.candidates.len() <= 3, "{shown}");
        assert!(reading.address.street.is_none_or(|street| street.chars().count() <= 200), "{shown}");
    }
}
