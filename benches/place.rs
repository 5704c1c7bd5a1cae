//! How fast addresses are read, on one core: `cargo bench --bench place`; on texts of one's own, JSON objects with a
//! `text` one a line: `cargo bench --bench place -- FILE...`.
//!
//! Each kind is also shown as a multiple of what it takes to fold the same texts, which any machine must do: that
//! number can be compared between machines. Then what the index costs, and the slowest of the hostile texts.

#![expect(clippy::disallowed_methods, reason = "measuring is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use thoai::place::{Gazetteer, Hint};
use thoai::text;

/// How long each kind is read.
const MEASURED: Duration = Duration::from_secs(1);

const REGISTER: [&str; 8] = [
    "12 Nguyễn Huệ, Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh",
    "Số 5, ngõ 8, đường Trần Duy Hưng, Phường Trung Hoà, Quận Cầu Giấy, Thành phố Hà Nội",
    "Thôn Đoài, Xã Kim Chung, Huyện Đông Anh, Thành phố Hà Nội",
    "Tổ 4, ấp Bình Hoà, Xã Tân Bình, Huyện Vĩnh Cửu, Tỉnh Đồng Nai",
    "Khu phố 2, Thị trấn Dương Đông, Huyện Phú Quốc, Tỉnh Kiên Giang",
    "88 Trần Phú, Phường Lộc Thọ, Thành phố Nha Trang, Tỉnh Khánh Hoà",
    "Bản Nà Lốc, Xã Chiềng Ban, Huyện Mai Sơn, Tỉnh Sơn La",
    "25 Hùng Vương, Phường Phú Nhuận, Thành phố Huế, Tỉnh Thừa Thiên Huế",
];
const CHAT: [&str; 8] = [
    "12 nguyen hue p ben nghe q1 hcm",
    "so 5 ngo 8 tran duy hung trung hoa cau giay hn",
    "thon doai kim chung dong anh ha noi nhe em",
    "to 4 ap binh hoa xa tan binh vinh cuu dong nai",
    "kp2 tt duong dong phu quoc kien giang",
    "dạ giao giúp em về 88 tran phu p loc tho nha trang khanh hoa, sdt 0901234567 sau 5h",
    "ban na loc xa chieng ban h mai son son la",
    "25 hung vuong phu nhuan tp hue",
];
const NEW: [&str; 8] = [
    "12 Nguyễn Huệ, Phường Sài Gòn, TP. Hồ Chí Minh",
    "5 Trần Duy Hưng, phường Yên Hoà, Hà Nội",
    "Thôn 2, xã Ba Vì, Hà Nội",
    "Tổ 3, đặc khu Phú Quốc, An Giang",
    "8 Lê Lợi, phường Hồng Bàng, Hải Phòng",
    "31 Hoàng Diệu, phường Hải Châu, Đà Nẵng",
    "ấp 4, xã Tân Hưng, Cà Mau",
    "khóm 2 phường Long Xuyên An Giang",
];
const SLIPS: [&str; 8] = [
    "12 Nguyễn Huệ, Phường Bến Ngé, Quận 1, TP HCM",
    "so 5 ngo 8 tran duy hung, trung hao, cau giay, ha noi",
    "Thôn Đoài, Xã Kim Chnug, Đông Anh, Hà Nội",
    "ap binh hoa xa tan bihn vinh cuu dong nai",
    "kp2 thi tran duogn dong, phu quoc, kien giang",
    "88 tran phu phuong loc thoo nha trang khanh hoa",
    "Bản Nà Lốc, Xã Chièng Ban, Mai Sơn, Sơn Lã",
    "25 hung vuong phu nhaun tp hue",
];
/// Repeated to ten thousand letters.
const HOSTILE: [&str; 14] = [
    "phường 1 ",
    "p1 q1 ",
    "quận 1, ",
    "tân thành ",
    "xã tân thành, ",
    "hà nội ",
    "tan tan ",
    "a",
    "an ",
    "thanh thanh ",
    "phuong",
    "binhbinh",
    "hao binh ",
    "phú yên, ",
];

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let before = memory();
    let started = Instant::now();
    let places = Gazetteer::official();
    let took = started.elapsed();
    println!("{:>10.1} ms      the index is built", took.as_secs_f64() * 1e3);
    if let (Some(before), Some(after)) = (before, memory()) {
        println!("{:>10.1} MiB     more memory in use behind it", (after - before) / 1024.0);
    }
    let kinds = [("register", REGISTER), ("chat", CHAT), ("new", NEW), ("slips", SLIPS)];
    let mut kinds: Vec<(String, Vec<String>)> =
        kinds.map(|(name, texts)| (name.to_owned(), texts.map(str::to_owned).to_vec())).to_vec();
    if !files.is_empty() {
        kinds = files.iter().map(|file| (name(file), texts(file))).collect();
    }
    let mut all = Vec::new();
    for (name, texts) in &kinds {
        measure(&places, name, texts);
        all.extend_from_slice(texts);
    }
    measure(&places, "all of them", &all);

    let hostile = HOSTILE.map(|piece| piece.repeat(10_000 / piece.chars().count()));
    let slowest = hostile.iter().map(|text| (best_of(&places, text), text)).max().expect("there are some");
    let shown: String = slowest.1.chars().take(24).collect();
    println!(
        "{:>10.2} ms      the slowest of {} hostile texts: {shown}...",
        slowest.0.as_secs_f64() * 1e3,
        HOSTILE.len()
    );
}

/// Reads the texts again and again.
fn measure(places: &Gazetteer, name: &str, texts: &[String]) {
    let hint = Hint::default();
    let read = per_text(texts, |text| drop(black_box(places.resolve(text, &hint))));
    let folded = per_text(texts, |text| drop(black_box(text::fold(text))));
    println!("{:>10.0} texts/s {name}, {:.1} us, {:.0} times folding", 1e6 / read, read, read / folded);
}

/// Microseconds a text takes, over whole rounds of all.
fn per_text(texts: &[String], mut work: impl FnMut(&str)) -> f64 {
    let (started, mut rounds) = (Instant::now(), 0);
    while started.elapsed() < MEASURED {
        texts.iter().for_each(|text| work(text));
        rounds += 1;
    }
    started.elapsed().as_secs_f64() * 1e6 / (rounds * texts.len()) as f64
}

/// How long a text takes, the best of a few times: what the machine does beside is not the text's fault.
fn best_of(places: &Gazetteer, text: &str) -> Duration {
    let once = || {
        let started = Instant::now();
        black_box(places.resolve(text, &Hint::default()));
        started.elapsed()
    };
    (0..20).map(|_| once()).min().expect("twenty")
}

/// Resident memory in KiB, where the system tells.
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn name(file: &str) -> String {
    file.rsplit('/').next().unwrap_or(file).to_owned()
}

fn texts(file: &str) -> Vec<String> {
    let lines = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["text"].as_str().map(str::to_owned);
    lines.lines().filter_map(read).collect()
}
