//! What the reading of lists promises, on files as people save them and on any file.

use std::io::{BufReader, Cursor};

use proptest::prelude::*;

use super::*;
use crate::routing::import::{self, Tables};

const UNITS: &str = "id,kind,name,phone,parent,territory,to\n\
    td,central,Tổng đài,9090,,,\n\
    hcm,province,MobiFone Sài Gòn,,,province:79,\n\
    sg,shop,Cửa hàng Sài Gòn,,hcm,ward:26740,\n\
    cu,shop,Cửa hàng cũ,,hcm,,2026-01-31\n\
    q1,sales_route,Tuyến Quận 1,,hcm,route:Q1-03,\n";
const TERRITORIES: &str = "unit,place,responsible,phone\n\
    q1,route:Q1-03,Lê Tuyến,\n\
    hcm,ward:26740,Trần Phường,0909 000 001\n";

/// In the order of the numbers themselves.
fn part(phone: &Phone) -> u16 {
    phone.e164()[3..7].parse().unwrap()
}

/// Everything there is to know of a list: the good rows, how many were read, bad and repeated, and the problems.
struct Read {
    rows: Vec<TargetRow>,
    counts: (u64, u64, u64),
    problems: Vec<ImportProblem>,
}

fn read_at_most(most: usize, text: &[u8]) -> Result<Read, Vec<ImportProblem>> {
    let mut file = TargetFile::open_at_most(most, BufReader::with_capacity(16, text), part)?;
    let (mut counts, mut problems) = ((0, 0, 0), Vec::new());
    loop {
        let seen = file.look(3).unwrap();
        if seen.rows == 0 {
            break;
        }
        (counts.0, counts.1) = (counts.0 + seen.rows, counts.1 + seen.bad);
        problems.extend(seen.problems);
    }
    let mut list = file.ordered(BufReader::with_capacity(16, Cursor::new(text)));
    counts.2 = list.repeated();
    problems.extend(list.problems().to_vec());
    problems.sort_by_key(|problem| problem.line);
    let mut rows = Vec::new();
    loop {
        let more = list.next_rows(2).unwrap();
        if more.is_empty() {
            return Ok(Read { rows, counts, problems });
        }
        rows.extend(more);
    }
}

fn read(text: &str) -> Read {
    read_at_most(1_000, text.as_bytes()).unwrap()
}

fn told(problems: &[ImportProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn organisation(places: &Gazetteer) -> Organisation {
    let tables = Tables::of_units(UNITS).with("territories", TERRITORIES.to_owned()).unwrap();
    import::read(&tables, places).unwrap()
}

#[test]
fn a_list_as_a_spreadsheet_saves_it_is_read() {
    let text = "\u{feff}name;phone;ward;province\r\n\
        Nguyễn Văn An;0901 234 567;26740;79\r\n\
        \"Trần; Thị \"\"Bé\"\"\";84912345678;4;1\r\n\
        ;987654321;;\r\n\
        ;;;\r\n";
    let Read { rows, counts, problems } = read(text);
    assert_eq!((counts, told(&problems)), ((3, 0, 0), Vec::<String>::new()));
    let shown: Vec<_> = rows.iter().map(|row| (row.line, row.phone.e164(), row.name.as_deref())).collect();
    assert_eq!(
        shown,
        [
            (2, "+84901234567", Some("Nguyễn Văn An")),
            (3, "+84912345678", Some("Trần; Thị \"Bé\"")),
            (4, "+84987654321", None)
        ]
    );
    assert_eq!((rows[1].ward.as_deref(), rows[1].province.as_deref()), (Some("00004"), Some("01")));
}

#[test]
fn what_is_bad_is_told_by_line_and_the_rest_goes_in() {
    let long = "x".repeat(201);
    let text = format!(
        "phone,name,ward,route,unit\n\
         0901234567,An,26740,Q1-03,sg\n\
         ,không số,,,\n\
         02838221234,cố định,,,\n\
         0901,ngắn,,,\n\
         0901234568,{long},,,\n\
         0901234569,thiếu ô\n\
         0901234560,mã sai,abc,=1,\n\
         \"0901234561,không đóng,,,\n\
         0901234562,sau đó,,,\n"
    );
    let Read { rows, counts, problems } = read(&text);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [10, 2], "in the order of the parts");
    assert_eq!(counts, (9, 7, 0));
    let expected = [
        "targets.csv:3: phone: Thiếu số điện thoại.",
        "targets.csv:4: phone: Là số cố định, không có SIM.",
        "targets.csv:5: phone: Không phải số điện thoại.",
        "targets.csv:6: name: Dài hơn 200 ký tự.",
        "targets.csv:7: Dòng có 2 ô, cần 5 ô như dòng tiêu đề.",
        "targets.csv:8: ward: \"abc\" không phải mã 5 chữ số.",
        "targets.csv:8: route: Mã \"=1\" không hợp lệ: 1 đến 64 chữ không dấu, chữ số, _ - .",
        "targets.csv:9: Thiếu dấu ngoặc kép đóng \".",
    ];
    assert_eq!(told(&problems), expected);
}

#[test]
fn of_a_number_on_several_lines_the_last_counts() {
    let text = "phone,name\n0901234567,một\n0901234568,khác\n+84901234567,hai\n0901 234 567,ba\n";
    let Read { rows, counts, problems } = read(text);
    let names: Vec<_> = rows.iter().filter_map(|row| row.name.as_deref()).collect();
    assert_eq!((names, counts), (vec!["ba", "khác"], (4, 0, 2)));
    let expected = [
        "targets.csv:2: phone: Số 090***4567 có lại ở dòng 5; dùng dòng đó.",
        "targets.csv:4: phone: Số 090***4567 có lại ở dòng 5; dùng dòng đó.",
    ];
    assert_eq!(told(&problems), expected);
}

#[test]
fn a_wrong_header_and_too_many_rows_are_told() {
    let refused = |text: &str| told(&read_at_most(9, text.as_bytes()).err().unwrap());
    assert_eq!(refused(""), ["targets.csv:1: phone: Dòng tiêu đề thiếu cột \"phone\". Cần: phone."]);
    assert_eq!(refused("phone,wards\n"), ["targets.csv:1: wards: Cột \"wards\" lạ hoặc lặp lại. Hãy bỏ cột này."]);
    let Read { rows, counts, problems } =
        read_at_most(2, b"phone\n0901234561\n0901234562\n0901234563\n0901234564\n").unwrap();
    assert_eq!((rows.len(), counts), (2, (3, 1, 0)));
    assert_eq!(told(&problems), ["targets.csv:4: Danh sách có hơn 2 dòng; từ dòng này không đọc nữa."]);
}

#[test]
fn a_row_goes_to_its_own_unit_else_that_of_its_route_else_that_of_its_place() {
    let places = Gazetteer::official();
    let organisation = organisation(&places);
    let at = Timestamp::parse_rfc3339("2026-11-26T01:00:00Z").unwrap();
    let mut partition = Partition::new(&organisation, &places, at);
    let mut give = |cells: &str| {
        let text = format!("phone,address,ward,province,route,unit\n0901234567,{cells}\n");
        let target = partition.give(read(&text).rows.remove(0)).map_err(|problem| problem.to_string())?;
        let person = responsible(&organisation, &target, at.day()).map_or("", |person| person.name.as_str());
        let place = target.ward.clone().or(target.province.clone()).unwrap_or_default();
        Ok::<_, String>(format!("{} {place} {person}", target.given_to))
    };
    assert_eq!(give(",26740,79,Q1-03,td").unwrap(), "td 26740 Lê Tuyến");
    assert_eq!(give(",26740,,Q1-03,").unwrap(), "q1 26740 Lê Tuyến");
    assert_eq!(give(",26740,,Q9-99,").unwrap(), "sg 26740 Trần Phường");
    assert_eq!(give(",,79,,").unwrap(), "hcm 79 ");
    assert_eq!(give("\"12 Nguyễn Huệ, P. Bến Nghé, Q1, TP HCM\",,,,").unwrap(), "sg 26740 Trần Phường");
    assert_eq!(give("\"12 Nguyễn Huệ, P. Bến Nghé\",,79,,").unwrap(), "sg 26740 Trần Phường");
    assert_eq!(give("gần chợ,,,,").unwrap(), "td  ", "nobody is refused for having no place");
    assert_eq!(give("gần chợ,,79,,").unwrap(), "hcm 79 ");
    let refused = |cells: &str, give: &mut dyn FnMut(&str) -> Result<String, String>| give(cells).unwrap_err();
    let known = "trong danh mục đang hiệu lực.";
    for (cells, problem) in [
        (",99999,,,", format!("ward: Không có phường/xã mã \"99999\" {known}")),
        (",26740,01,,", "province: Phường/xã 26740 không thuộc tỉnh/thành phố 01.".to_owned()),
        (",,02,,", format!("province: Không có tỉnh/thành phố mã \"02\" {known}")),
        (",,,,xa", "unit: Không có đơn vị mã \"xa\" trong bảng đơn vị.".to_owned()),
        (",,,,cu", "unit: Đơn vị \"cu\" không hoạt động vào ngày này.".to_owned()),
    ] {
        assert_eq!(refused(cells, &mut give), format!("targets.csv:2: {problem}"));
    }
}

#[test]
fn a_file_that_changes_between_the_two_readings_is_noticed() {
    let (first, then) = ("phone\n0901234567\n", "phone\n0901234568\n");
    let mut file = TargetFile::open(first.as_bytes(), part).unwrap();
    file.look(9).unwrap();
    assert!(file.ordered(Cursor::new(then)).next_rows(9).is_err());
}

proptest! {
    #[test]
    fn no_file_makes_reading_panic_and_every_row_is_accounted_for(
        text in "(phone[,;]name\n)?([0-9a-z ,;\"+.\n\r]{0,12}|09[0-9]{8}[,;]x\r?\n){0,12}", bytes in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let text = [text.as_bytes(), &bytes].concat();
        if let Ok(Read { rows, counts: (read, bad, repeated), problems }) = read_at_most(7, &text) {
            prop_assert_eq!(rows.len() as u64 + bad + repeated, read);
            prop_assert!(problems.len() as u64 >= bad + repeated);
            for problem in &problems {
                let digits = problem.message_vi.chars().filter(char::is_ascii_digit).count();
                prop_assert!(digits < 9, "no number stands in a problem: {}", problem);
            }
        }
    }
}
