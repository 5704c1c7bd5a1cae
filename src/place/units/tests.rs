//! The units in the program are whole, and broken tables are told line by line.

use super::table;
use super::*;

fn count(units: &Units, scheme: Scheme, level: Level) -> usize {
    units.all().iter().filter(|unit| (unit.scheme, unit.level) == (scheme, level)).count()
}

#[test]
fn the_official_units_are_complete() {
    let units = Units::official();
    let counts = [(Scheme::New, Level::Province, 34), (Scheme::New, Level::Ward, 3321)];
    let old =
        [(Scheme::Old, Level::Province, 63), (Scheme::Old, Level::District, 707), (Scheme::Old, Level::Ward, 10_615)];
    for (scheme, level, expected) in counts.into_iter().chain(old) {
        assert_eq!(count(&units, scheme, level), expected, "{scheme:?} {level:?}");
    }
    assert_eq!(units.in_force("26740").map(|unit| &*unit.full_name), Some("Phường Sài Gòn"));
    assert_eq!(units.in_force("75").map(|unit| &*unit.full_name), Some("Thành phố Đồng Nai"));
    assert_eq!(units.in_force("99999"), None);
}

#[test]
fn wards_districts_and_communes_know_of_one_another() {
    let units = Units::official();
    let mut unmapped = units.all().iter().filter(|unit| unit.level == Level::Ward && unit.now.is_empty());
    assert!(unmapped.all(|unit| unit.is_historic));
    for unit in units.all().iter().filter(|unit| unit.level == Level::Ward) {
        for commune in &unit.now {
            let commune = units.unit(*commune);
            assert_eq!((commune.scheme, commune.province), (Scheme::New, unit.province), "{}", unit.full_name);
            assert!(unit.districts.iter().all(|district| commune.districts.contains(district)), "{}", unit.full_name);
        }
    }
    let islands = units.all().iter().find(|unit| &*unit.full_name == "Huyện Côn Đảo").unwrap();
    assert_eq!(units.unit(islands.now[0]).name(), "Côn Đảo");
}

#[test]
fn the_compact_text_is_written_as_it_is_read() {
    let units = Units::official();
    let text = units.compact();
    let differing = text.lines().zip(include_str!("../data/units.txt").lines()).find(|(one, other)| one != other);
    assert_eq!(differing, None);
    assert!(Units::parse(&text).unwrap() == units, "read again it is another");
}

/// A country of one commune, as its tables.
fn tables(file: &str) -> Option<String> {
    let text = match file {
        "provinces_new.tsv" => "code\tname\tfull_name\n79\tHồ Chí Minh\tThành phố Hồ Chí Minh",
        "wards_new.tsv" => {
            "code\tfull_name\tprovince_code\tlat\tlon\tarea_km2\n26740\tPhường Sài Gòn\t79\t10.7769\t106.701\t3.04"
        }
        "provinces_old.tsv" => "code\tfull_name\n79\tThành phố Hồ Chí Minh",
        "province_old_to_new.tsv" => "old_code\tnew_code\n79\t79",
        "districts_old.tsv" => "code\tfull_name\tprovince_code\n760\tQuận 1\t79",
        "wards_old.tsv" => "code\tfull_name\tdistrict_code\tstatus\n26740\tPhường Bến Nghé\t760\t2025-06-30",
        "ward_old_to_new.tsv" => "old_code\tnew_code\tis_default\n26740\t26740\t1",
        "aliases.tsv" => "level\tcode\talias\nward_old\t26740\tphuongbennghe\nward_old\t26740\tnguyenhue",
        _ => return None,
    };
    Some(text.to_owned())
}

#[test]
fn tables_become_the_compact_text() {
    let units = table::read(tables).unwrap();
    let lines: Vec<String> =
        units.compact().lines().filter(|line| !line.starts_with('#')).map(|line| line.replace('\t', " ")).collect();
    assert_eq!(
        lines,
        [
            "P 79 Thành phố Hồ Chí Minh",
            "C 26740 Phường Sài Gòn 10.7769,106.701,3.04",
            "p 79 Thành phố Hồ Chí Minh 79",
            "d 760 Quận 1",
            "w 26740 Phường Bến Nghé 26740",
            "~ nguyenhue",
        ]
    );
}

/// What is told of the tables when one of them is another.
fn told(file: &str, text: &str) -> Vec<String> {
    let tables = |name: &'static str| if name == file { Some(text.to_owned()) } else { tables(name) };
    table::read(tables).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn broken_tables_are_told_by_file_and_line() {
    assert_eq!(told("wards_old.tsv", ""), ["wards_old.tsv: is missing or empty"]);
    assert_eq!(
        told("provinces_new.tsv", "code\tname\n79\tx")[0],
        "provinces_new.tsv:1: the column \"full_name\" is missing"
    );
    assert_eq!(
        told("districts_old.tsv", "code\tfull_name\tprovince_code\n760\tQuận 1\t80\n760\tQuận 1\t79\n7\n"),
        [
            "districts_old.tsv:4: 1 cells instead of 3",
            "districts_old.tsv:3: the code 760 stands twice",
            "districts_old.tsv:2: it lies in \"80\", which is not there",
            "wards_old.tsv:2: it lies in \"760\", which is not there",
        ]
    );
    assert_eq!(
        told("ward_old_to_new.tsv", "old_code\tnew_code\tis_default\n26740\t11111\t1"),
        ["ward_old_to_new.tsv:2: \"11111\" is no commune in force"]
    );
}

#[test]
fn broken_lines_of_the_compact_text_are_told_together() {
    let text = "P\t79\tThành phố Hồ Chí Minh\nC\t2674\tPhường A\nC\t26740\tQuận A\nw\t26740\tPhường A\nZ\t1\tB\nP\t79\tTỉnh X\n=\t\u{7}\nC\t26741\tPhường B\t99,106";
    let told: Vec<String> = Units::parse(text).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 2: \"2674\" is no code of 5 digits",
            "line 3: \"Quận A\" does not begin with a type word of its level",
            "line 4: it stands below no district",
            "line 5: no line begins with \"Z\"",
            "line 6: the code 79 stands twice",
            "line 7: \"\\u{7}\" is no name",
            "line 8: \"99,106\" is no place in Viet Nam",
        ]
    );
    assert_eq!(Units::parse("").unwrap_err().len(), 1);
    assert_eq!(Units::parse(&"#".repeat(9 << 20)).unwrap_err()[0].to_string(), "line 0: larger than 8 MiB");
}
