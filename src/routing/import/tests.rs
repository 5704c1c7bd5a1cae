//! What the import promises, each mistake with its line; the CSV reader fuzzed.

use proptest::prelude::*;

use super::*;
use crate::routing::sample::UNITS_CSV;

/// A few places in force: the gazetteer itself is tested in `place`.
struct FewPlaces;

impl KnownPlaces for FewPlaces {
    fn province(&self, code: &str) -> Option<String> {
        (code == "79").then(|| "Thành phố Hồ Chí Minh".to_owned())
    }

    fn ward(&self, code: &str) -> Option<(String, String)> {
        ["26740", "26743"].contains(&code).then(|| ("Phường".to_owned(), "79".to_owned()))
    }
}

const HEADER: &str = "id,kind,name,phone,parent,territory\n";
const CENTRAL: &str = "td,central,Tổng đài,9090,,\n";

fn problems(rows: &str) -> Vec<ImportProblem> {
    read(&format!("{HEADER}{CENTRAL}{rows}"), &FewPlaces).unwrap_err()
}

/// Line and column of each problem.
fn places(problems: &[ImportProblem]) -> Vec<(usize, &str)> {
    problems.iter().map(|problem| (problem.line, problem.column_name.as_str())).collect()
}

fn expect_one(rows: &str, line: usize, column: &str, vi: &str, en: &str) {
    let found = problems(rows);
    assert_eq!(places(&found), [(line, column)], "{found:?}");
    assert!(found[0].message_vi.contains(vi), "{}", found[0].message_vi);
    assert!(found[0].message_en.contains(en), "{}", found[0].message_en);
}

#[test]
fn a_good_table_is_read_whole() {
    let rows =
        "hcm,province,MobiFone TP HCM,028 3822 0000,td,province:79\nsg,shop,Sài Gòn,,hcm,ward:26740; ward:26743;\n";
    let organisation = read(&format!("{HEADER}{CENTRAL}{rows}"), &FewPlaces).unwrap();
    let sg = &organisation.units()[2];
    assert_eq!(sg.parent, Some(UnitId::new("hcm")));
    assert_eq!(sg.territory, [Territory::Ward("26740".into()), Territory::Ward("26743".into())]);
    assert_eq!(sg.unit.phone, None);
    assert_eq!(organisation.units()[1].unit.phone.as_deref(), Some("028 3822 0000"));
}

#[test]
fn columns_may_stand_in_any_order_after_a_byte_order_mark_and_between_semicolons() {
    let table = "\u{feff}name;id;kind;territory;parent;phone\r\nTổng đài;td;central;;;9090\r\nSG;sg;shop;\"ward:26740;ward:26743\";td;\r\n";
    let organisation = read(table, &FewPlaces).unwrap();
    assert_eq!(organisation.units()[1].territory.len(), 2);
    assert_eq!(organisation.central().name, "Tổng đài");
}

#[test]
fn names_are_composed_and_territories_written_twice_count_once() {
    let organisation =
        read(&format!("{HEADER}td,central,To\u{302}\u{309}ng,,,ward:26740;ward:26740\n"), &FewPlaces).unwrap();
    assert_eq!(organisation.central().name, "Tổng");
    assert_eq!(organisation.units()[0].territory.len(), 1);
}

#[test]
fn each_mistake_is_reported_at_its_line_and_column_in_both_languages() {
    expect_one("a,store,A,,,\n", 3, "kind", "Không có loại đơn vị \"store\"", "no kind of unit \"store\"");
    expect_one("td,shop,A,,,\n", 3, "id", "đã có ở dòng 2", "on line 2 already");
    expect_one("a b,shop,A,,,\n", 3, "id", "không hợp lệ", "not valid");
    expect_one(",shop,A,,,\n", 3, "id", "không hợp lệ", "not valid");
    expect_one("a,shop,A,,x,\n", 3, "parent", "cấp trên mã \"x\"", "no unit with the id \"x\"");
    expect_one("a,shop,  ,,,\n", 3, "name", "để trống", "empty");
    expect_one("a,shop,=HYPERLINK(1),,,\n", 3, "name", "bắt đầu bằng", "begin with");
    expect_one("a,shop,A,gọi Lan,,\n", 3, "phone", "không hợp lệ", "not valid");
    expect_one("a,shop,A,,,ward:00001\n", 3, "territory", "phường/xã mã \"00001\"", "commune");
    expect_one("a,shop,A,,,province:78\n", 3, "territory", "tỉnh/thành phố mã \"78\"", "province");
    expect_one("a,shop,A,,,quận 1\n", 3, "territory", "Không hiểu địa bàn", "not understood");
    expect_one("a,shop,A,,\n", 3, "", "Dòng có 5 ô, cần 6", "has 5 fields");
    expect_one(&format!("a,shop,{},,,\n", "x".repeat(201)), 3, "name", "dài hơn 200", "longer than 200");
    expect_one(&format!("a,shop,{},,,\n", "x".repeat(70_000)), 3, "", "dài hơn 65536", "longer than 65536");
}

#[test]
fn all_mistakes_are_reported_at_once_by_line() {
    let found = problems("a,store,,,nobody,ward:1;ward:2\n\n\r\nb,shop,B,,,province:1\n");
    assert_eq!(
        places(&found),
        [(3, "kind"), (3, "name"), (3, "territory"), (3, "territory"), (3, "parent"), (6, "territory")]
    );
}

#[test]
fn a_circle_of_parents_is_reported_once_at_its_first_line() {
    let found = problems("d,shop,D,,c,\na,shop,A,,b,\nb,shop,B,,c,\nc,shop,C,,a,\nself,shop,S,,self,\n");
    assert_eq!(places(&found), [(4, "parent"), (7, "parent")]);
    assert!(found[0].message_vi.ends_with("a -> b -> c -> a."));
    assert!(found[1].message_en.ends_with("self -> self."));
}

#[test]
fn a_table_without_a_central_unit_is_refused() {
    let found = read(&format!("{HEADER}a,shop,A,,,\n"), &FewPlaces).unwrap_err();
    assert_eq!(places(&found), [(1, "kind")]);
    assert!(found[0].message_vi.contains("central"));
}

#[test]
fn a_header_that_lacks_or_repeats_or_adds_a_column_is_refused() {
    let found = read("id,kind,name,phone,territory,ghi chú,id\n", &FewPlaces).unwrap_err();
    assert_eq!(places(&found), [(1, "parent"), (1, "ghi chú"), (1, "id")]);
    assert_eq!(read("", &FewPlaces).unwrap_err().len(), 6);
}

#[test]
fn two_units_may_claim_one_territory() {
    let rows = "a,shop,A,,,ward:26740\nb,shop,B,,,ward:26740\n";
    assert!(read(&format!("{HEADER}{CENTRAL}{rows}"), &FewPlaces).is_ok());
}

#[test]
fn too_large_a_file_and_too_many_problems_are_bounded() {
    let huge = " ".repeat(MAX_BYTES + 1);
    assert_eq!(read(&huge, &FewPlaces).unwrap_err().len(), 1);
    let found = problems(&"a,b\n".repeat(MAX_PROBLEMS + 5));
    assert_eq!(found.len(), MAX_PROBLEMS + 1);
    assert_eq!(found.last().unwrap().message_en, "5 more problems are not listed.");
}

#[test]
fn a_row_too_many_stops_the_reading() {
    let text = format!("{HEADER}{CENTRAL}a,shop,A,,,\nb,shop,B,,,\nc,nothing,C,,,\n");
    let found = read_at_most(2, &text, &FewPlaces).unwrap_err();
    assert_eq!(places(&found), [(4, "")]);
    assert!(found[0].message_vi.contains("hơn 2 dòng"));
    assert!(read_at_most(4, &text.replace("nothing", "pos"), &FewPlaces).is_ok());
}

#[test]
fn the_names_of_kinds_are_those_of_the_interface() {
    for (name, kind) in KINDS {
        assert_eq!(serde_json::to_value(kind).unwrap(), name);
    }
}

/// Knows everything, so that the sample can be mutated without its codes mattering.
struct AllPlaces;

impl KnownPlaces for AllPlaces {
    fn province(&self, _: &str) -> Option<String> {
        Some(String::new())
    }

    fn ward(&self, _: &str) -> Option<(String, String)> {
        Some((String::new(), String::new()))
    }
}

proptest! {
    #[test]
    fn any_text_is_either_read_or_has_a_positioned_problem(text in ".{0,400}") {
        if let Err(found) = read(&text, &FewPlaces) {
            prop_assert!(!found.is_empty());
            prop_assert!(found.iter().all(|problem| problem.line >= 1));
        }
    }

    #[test]
    fn a_sample_with_pieces_cut_out_and_put_in_never_panics(
        cut in 0..UNITS_CSV.len(),
        length in 0..200usize,
        put in "[\",;:\r\n\u{0}a-zđ0-9 =]{0,60}",
    ) {
        let mut start = cut;
        while !UNITS_CSV.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + length).min(UNITS_CSV.len());
        while !UNITS_CSV.is_char_boundary(end) {
            end -= 1;
        }
        let text = format!("{}{put}{}", &UNITS_CSV[..start], &UNITS_CSV[end..]);
        let lines = text.split(['\n', '\r']).count();
        match read(&text, &AllPlaces) {
            Ok(organisation) => prop_assert!(organisation.units().len() <= lines),
            Err(found) => prop_assert!(found.iter().all(|problem| (1..=lines).contains(&problem.line))),
        }
    }

    #[test]
    fn the_line_of_a_problem_is_the_line_a_person_counts(before in 0..6usize, blank in 0..4usize, end in "\r?\n") {
        let good: String = (0..before).map(|ix| format!("g{ix},shop,G,,,{end}")).collect();
        let text = format!("{}{good}{}bad,nothing,B,,,{end}", HEADER.replace('\n', &end), end.repeat(blank));
        let found = read(&format!("{text}{CENTRAL}"), &FewPlaces).unwrap_err();
        prop_assert_eq!(places(&found), [(2 + before + blank, "kind")]);
    }
}
