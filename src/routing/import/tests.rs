//! What the import promises, each mistake with its line; the CSV reader fuzzed.

use proptest::prelude::*;

use super::*;
use crate::domain::id::UnitId;
use crate::routing::calendar::Week;
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

    fn communes(&self, district: &str) -> Vec<String> {
        if district == "760" { vec!["26740".to_owned(), "26743".to_owned()] } else { Vec::new() }
    }
}

/// Reads a table of units alone.
fn read_units(text: &str) -> Result<Organisation, Vec<ImportProblem>> {
    read(&Tables::of_units(text), &FewPlaces)
}

/// Where a unit works on a day.
fn works(organisation: &Organisation, id: &str) -> Vec<String> {
    let day = Day::parse_iso("2026-11-26").unwrap();
    let works_in = |place: &&Territory| {
        organisation.claims_on(place, day).any(|claim| organisation.member(claim.unit).unit.id.as_str() == id)
    };
    let mut places: Vec<String> = organisation.territories().filter(works_in).map(Territory::to_string).collect();
    places.sort();
    places
}

const HEADER: &str = "id,kind,name,phone,parent,territory\n";
const CENTRAL: &str = "td,central,Tổng đài,9090,,\n";

fn problems(rows: &str) -> Vec<ImportProblem> {
    read_units(&format!("{HEADER}{CENTRAL}{rows}")).unwrap_err()
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
    let organisation = read_units(&format!("{HEADER}{CENTRAL}{rows}")).unwrap();
    let sg = &organisation.units()[2];
    assert_eq!(sg.parent, Some(UnitId::new("hcm")));
    assert_eq!(works(&organisation, "sg"), ["ward:26740", "ward:26743"]);
    assert_eq!(sg.unit.phone, None);
    assert_eq!(organisation.units()[1].unit.phone.as_deref(), Some("028 3822 0000"));
}

#[test]
fn columns_may_stand_in_any_order_after_a_byte_order_mark_and_between_semicolons() {
    let table = "\u{feff}name;id;kind;territory;parent;phone\r\nTổng đài;td;central;;;9090\r\nSG;sg;shop;\"ward:26740;ward:26743\";td;\r\n";
    let organisation = read_units(table).unwrap();
    assert_eq!(works(&organisation, "sg").len(), 2);
    assert_eq!(organisation.central().unit.name, "Tổng đài");
}

#[test]
fn names_are_composed_and_territories_written_twice_count_once() {
    let organisation = read_units(&format!("{HEADER}td,central,To\u{302}\u{309}ng,,,ward:26740;ward:26740\n")).unwrap();
    assert_eq!(organisation.central().unit.name, "Tổng");
    assert_eq!(works(&organisation, "td").len(), 1);
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
        [(3, "territory"), (3, "territory"), (3, "kind"), (3, "name"), (3, "parent"), (6, "territory")]
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
    let found = read_units(&format!("{HEADER}a,shop,A,,,\n")).unwrap_err();
    assert_eq!(places(&found), [(1, "kind")]);
    assert!(found[0].message_vi.contains("central"));
}

#[test]
fn a_header_that_lacks_or_repeats_or_adds_a_column_is_refused() {
    let found = read_units("id,kind,name,phone,territory,ghi chú,id\n").unwrap_err();
    assert_eq!(places(&found), [(1, "parent"), (1, "ghi chú"), (1, "id")]);
    assert_eq!(read_units("").unwrap_err().len(), 6);
}

#[test]
fn two_units_may_claim_one_territory() {
    let rows = "a,shop,A,,,ward:26740\nb,shop,B,,,ward:26740\n";
    assert!(read_units(&format!("{HEADER}{CENTRAL}{rows}")).is_ok());
}

/// The tables of two shops, with others beside them.
fn with(tables: &[(&str, &str)]) -> Result<Organisation, Vec<ImportProblem>> {
    let rows = "hcm,province,MobiFone TP HCM,,td,province:79\nsg,shop,Sài Gòn,,hcm,ward:26740\n";
    let units = Tables::of_units(&format!("{HEADER}{CENTRAL}{rows}"));
    let all = tables.iter().fold(units, |all, (table, text)| all.with(table, (*text).to_owned()).unwrap());
    read(&all, &FewPlaces)
}

#[test]
fn what_a_unit_can_do_stands_in_columns_that_may_be_left_out() {
    let table = "id,kind,name,phone,parent,territory,abilities,capacity,weight,hours,seat,from,to\n\
        td,central,Tổng đài,,,,,,,,,,\n\
        sg,shop,Sài Gòn,,,ward:26740,delivers;swaps_sim,20,3,mon-fri 08:00-17:00,ward:26743,2026-01-01,2026-12-31\n\
        bt,shop,Bến Thành,,,ward:26743,,,,,,,\n";
    let organisation = read_units(table).unwrap();
    let [_, sg, bt] = organisation.units() else { panic!("{organisation:?}") };
    assert_eq!((sg.capacity, sg.weight), (Some(20), 3));
    assert_eq!((sg.abilities.swaps_sim, sg.abilities.opens_new), (true, false));
    assert_eq!(sg.seat, Some(Territory::Ward("26743".to_owned())));
    assert!(sg.valid.holds(Day::parse_iso("2026-12-31").unwrap()));
    assert!(!sg.valid.holds(Day::parse_iso("2027-01-01").unwrap()));
    assert_eq!((sg.hours.to_string().as_str(), &bt.hours), ("mon-fri 08:00-17:00", &Week::usual()));
    assert_eq!((bt.capacity, bt.weight, bt.abilities.opens_new), (None, 1, true));
    assert_eq!(bt.seat, Some(Territory::Ward("26743".to_owned())), "who works in one commune is there");
    let wrong = table.replace(
        "delivers;swaps_sim,20,3,mon-fri 08:00-17:00,ward:26743,2026-01-01",
        "flies,-1,0,always,ward:1,1/1/2026",
    );
    let found = read_units(&wrong).unwrap_err();
    let columns: Vec<&str> = found.iter().map(|problem| problem.column_name.as_str()).collect();
    assert_eq!(columns, ["abilities", "capacity", "weight", "seat", "hours", "from"], "{found:?}");
}

#[test]
fn five_mistakes_in_the_territories_are_five_reports_with_their_lines() {
    let territories = "unit,place,priority,from,to,responsible,phone\n\
        sg,ward:26743,1,2026-01-01,2026-06-30,Nguyễn Văn An,0901 234 567\n\
        nobody,ward:26743,,,,,\n\
        sg,ward:00001,,,,,\n\
        sg,ward:26740,high,,,,\n\
        sg,ward:26740,,2026-06-30,2026-01-01,,\n\
        hcm,ward:26743,,2026-06-01,,Trần Thị Bình,\n";
    let found = with(&[("territories", territories)]).unwrap_err();
    assert!(found.iter().all(|problem| problem.table == "territories"));
    assert_eq!(places(&found), [(3, "unit"), (4, "place"), (5, "priority"), (6, "to"), (7, "responsible")]);
    assert!(found[4].message_vi.contains("dòng 2"), "{}", found[4].message_vi);
    assert!(found.iter().all(|problem| !problem.message_vi.contains("Bình")), "no names of people");
    assert_eq!(found[0].to_string(), "territories.csv:3: unit: Không có đơn vị mã \"nobody\" trong bảng đơn vị.");
}

#[test]
fn territories_holidays_and_zones_are_read_with_their_dates() {
    let territories = "unit,place,from,responsible,phone\n\
        sg,district:760,2026-02-01,Nguyễn Văn An,0901 234 567\nsg,route:Q1-03,,,\n";
    let organisation = with(&[
        ("territories", territories),
        ("holidays", "date,name\n2026-09-02,Quốc khánh\n2027-01-01,\n"),
        ("zones", "place,from,to\nward:26743,2026-11-20,2026-12-04\n"),
    ])
    .unwrap();
    let day = |text: &str| Day::parse_iso(text).unwrap();
    let district = Territory::District("760".to_owned());
    assert_eq!(organisation.responsible(&district, day("2026-02-01")).unwrap().name, "Nguyễn Văn An");
    assert_eq!(organisation.responsible(&district, day("2026-01-31")), None);
    assert_eq!(organisation.districts_of("26743"), ["760"]);
    assert!(organisation.holidays().contains(&day("2026-09-02")));
    let zone = Territory::Ward("26743".to_owned());
    assert!(organisation.is_zone(&zone, day("2026-12-04")) && !organisation.is_zone(&zone, day("2026-12-05")));
    assert_eq!(works(&organisation, "sg"), ["district:760", "route:Q1-03", "ward:26740"]);
    assert_eq!(organisation.shared(day("2026-11-26")), []);
    assert!(organisation.is_served("26740", "79", day("2026-11-26")));
    assert!(!organisation.is_served("00004", "01", day("2026-11-26")));
}

#[test]
fn holidays_and_zones_that_cannot_be_are_reported() {
    let found =
        with(&[("holidays", "date,name\n2026-02-30,\n,Tết\n"), ("zones", "place,from\nq1,hôm nay\n")]).unwrap_err();
    let all: Vec<(&str, usize, &str)> =
        found.iter().map(|it| (it.table.as_str(), it.line, it.column_name.as_str())).collect();
    assert_eq!(all, [("holidays", 2, "date"), ("holidays", 3, "date"), ("zones", 2, "place"), ("zones", 2, "from")]);
}

#[test]
fn too_large_a_file_and_too_many_problems_are_bounded() {
    let huge = " ".repeat(MAX_BYTES + 1);
    assert_eq!(read_units(&huge).unwrap_err().len(), 1);
    let found = problems(&"a,b\n".repeat(MAX_PROBLEMS + 5));
    assert_eq!(found.len(), MAX_PROBLEMS + 1);
    assert_eq!(found.last().unwrap().message_en, "5 more problems are not listed.");
}

#[test]
fn a_row_too_many_stops_the_reading() {
    let text = format!("{HEADER}{CENTRAL}a,shop,A,,,\nb,shop,B,,,\nc,nothing,C,,,\n");
    let found = read_at_most(2, &Tables::of_units(&text), &FewPlaces).unwrap_err();
    assert_eq!(places(&found), [(4, "")]);
    assert!(found[0].message_vi.contains("hơn 2 dòng"));
    assert!(read_at_most(4, &Tables::of_units(&text.replace("nothing", "pos")), &FewPlaces).is_ok());
}

#[test]
fn the_names_of_kinds_are_those_of_the_interface() {
    for (name, kind) in units::KINDS {
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

    fn communes(&self, _: &str) -> Vec<String> {
        vec![String::new()]
    }
}

proptest! {
    #[test]
    fn any_text_is_either_read_or_has_a_positioned_problem(text in ".{0,400}") {
        if let Err(found) = read_units(&text) {
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
        match read(&Tables::of_units(&text), &AllPlaces) {
            Ok(organisation) => prop_assert!(organisation.units().len() <= lines),
            Err(found) => prop_assert!(found.iter().all(|problem| (1..=lines).contains(&problem.line))),
        }
    }

    #[test]
    fn the_line_of_a_problem_is_the_line_a_person_counts(before in 0..6usize, blank in 0..4usize, end in "\r?\n") {
        let good: String = (0..before).map(|ix| format!("g{ix},shop,G,,,{end}")).collect();
        let text = format!("{}{good}{}bad,nothing,B,,,{end}", HEADER.replace('\n', &end), end.repeat(blank));
        let found = read_units(&format!("{text}{CENTRAL}")).unwrap_err();
        prop_assert_eq!(places(&found), [(2 + before + blank, "kind")]);
    }
}
