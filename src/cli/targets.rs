//! `thoai import targets`, `thoai export targets`

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal};
use std::path::Path;

use anyhow::Context;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::domain::id::UnitId;
use crate::domain::target::{Target, TargetState};
use crate::routing::import::ImportProblem;
use crate::routing::import::targets::{TargetFile, TargetRows};
use crate::runtime::Runtime;
use crate::runtime::targets::{ListedTarget, Taken};
use crate::server::control::{ExportTargets, ImportTargets};
use crate::store::target_part;

use super::control::{self, House};

/// Rows taken in by one write: more would keep customers' writes waiting.
const ROWS: usize = 10_000;
/// Most problems printed; the rest are counted.
const MOST_PROBLEMS: usize = 1_000;
/// Width of the progress bar.
const BAR: u64 = 30;

/// `thoai import targets`: what is good goes in, what is bad is told by line. 1 when something was bad.
pub(super) fn import(config: Option<&Path>, file: &Path, campaign: &str, dry_run: bool) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let unreadable = || format!("cannot read {}", file.display());
    let opened = File::open(file).with_context(unreadable)?;
    let mut bar = Bar::of(opened.metadata().with_context(unreadable)?.len());
    let mut total = Total::default();
    let mut list = match TargetFile::open(BufReader::with_capacity(1 << 16, opened), target_part) {
        Ok(list) => list,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            return Ok(1);
        }
    };
    loop {
        let seen = list.look(ROWS as u64).with_context(unreadable)?;
        if seen.rows == 0 {
            break;
        }
        total.rows += seen.rows;
        total.bad += seen.bad;
        total.tell(seen.problems);
        bar.draw("đọc", list.bytes());
    }
    // Rows are read one by one now, from all over the file.
    let list = list.ordered(BufReader::with_capacity(1 << 10, File::open(file).with_context(unreadable)?));
    total.repeated = list.repeated();
    total.tell(list.problems().to_vec());
    let refused = control::block_on(take_all(&config, list, campaign, dry_run, &mut total));
    total.print(dry_run);
    match refused? {
        Some(reason) => {
            eprintln!("{reason}");
            Ok(1)
        }
        None => Ok(u8::from(total.bad > 0)),
    }
}

/// Sends the rows on piece by piece while the next ones are being read. Returns why it stopped before the end.
async fn take_all(
    config: &Config,
    mut list: TargetRows<BufReader<File>>,
    campaign: &str,
    dry_run: bool,
    total: &mut Total,
) -> anyhow::Result<Option<String>> {
    let house = House::find(config).await?;
    let mut bar = Bar::of(list.left());
    let (line, mut pieces) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        loop {
            let rows = list.next_rows(ROWS);
            let is_last = rows.as_ref().map_or(true, Vec::is_empty);
            if line.blocking_send(rows).is_err() || is_last {
                return;
            }
        }
    });
    let mut sent = 0;
    while let Some(rows) = pieces.recv().await {
        let rows = rows.context("the file cannot be read again")?;
        sent += rows.len() as u64;
        let wanted = ImportTargets { campaign: campaign.to_owned(), rows, dry_run };
        let here = async |runtime: &Runtime| runtime.import_targets(campaign, wanted.rows.clone(), dry_run).await;
        match house.done("/targets/import", &wanted, here).await? {
            Ok(taken) => total.add(taken),
            Err(reason) => return Ok(Some(reason)),
        }
        bar.draw("nạp", sent);
    }
    Ok(None)
}

/// What has become of the rows so far.
#[derive(Default)]
struct Total {
    rows: u64,
    new: u64,
    changed: u64,
    same: u64,
    bad: u64,
    repeated: u64,
    without_place: u64,
    problems: Vec<ImportProblem>,
}

impl Total {
    fn add(&mut self, taken: Taken) {
        self.bad += taken.problems.len() as u64;
        self.new += taken.put.new;
        self.changed += taken.put.changed;
        self.same += taken.put.same;
        self.without_place += taken.without_place;
        self.tell(taken.problems);
    }

    fn tell(&mut self, problems: Vec<ImportProblem>) {
        let room = MOST_PROBLEMS - self.problems.len();
        self.problems.extend(problems.into_iter().take(room));
    }

    fn print(&mut self, dry_run: bool) {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems.iter().for_each(|problem| eprintln!("{problem}"));
        if self.problems.len() == MOST_PROBLEMS {
            eprintln!("Chỉ liệt kê {MOST_PROBLEMS} lỗi; xem số dòng hỏng và lặp ở bảng dưới.");
        }
        let put = [("mới", self.new), ("đổi", self.changed), ("như cũ", self.same)];
        let put = if dry_run { &[][..] } else { &put[..] };
        let others = [("hỏng", self.bad), ("lặp số", self.repeated), ("không rõ nơi", self.without_place)];
        for (what, count) in [("dòng", self.rows)].iter().chain(put).chain(&others) {
            println!("{what:<13}{count:>10}");
        }
    }
}

/// How far something is, on a terminal.
pub(super) struct Bar {
    whole: u64,
    is_shown: bool,
}

impl Bar {
    pub(super) fn of(whole: u64) -> Self {
        Self { whole: whole.max(1), is_shown: io::stderr().is_terminal() }
    }

    pub(super) fn draw(&mut self, what: &str, done: u64) {
        if self.is_shown {
            let (percent, filled) = (done * 100 / self.whole, (done * BAR / self.whole).min(BAR));
            let (filled, empty) = ("#".repeat(filled as usize), ".".repeat((BAR - filled) as usize));
            eprint!("\r{what} [{filled}{empty}] {percent:>3} %");
        }
    }
}

/// Nothing of it stays on the screen.
impl Drop for Bar {
    fn drop(&mut self) {
        if self.is_shown {
            eprint!("\r\x1b[K");
        }
    }
}

/// `thoai export targets`: a row for each target.
pub(super) fn export(config: Option<&Path>, campaign: &str, unit: Option<&str>) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let refused = control::block_on(async {
        let house = House::find(&config).await?;
        let mut out = csv::Writer::from_writer(BufWriter::new(io::stdout().lock()));
        let (unit, mut after) = (unit.map(UnitId::new), None);
        loop {
            let wanted = ExportTargets { campaign: campaign.to_owned(), unit: unit.clone(), after: after.clone() };
            let here =
                async |runtime: &Runtime| runtime.targets(campaign, wanted.unit.as_ref(), wanted.after.as_ref()).await;
            let page: Vec<ListedTarget> = match house.done("/targets/export", &wanted, here).await? {
                Ok(page) => page,
                Err(reason) => return Ok(Some(reason)),
            };
            if after.is_none() {
                out.write_record(HEADER)?;
            }
            let Some(last) = page.last() else { break };
            after = Some(last.target.clone());
            for row in &page {
                out.write_record(cells(row).map(defused))?;
            }
        }
        out.flush()?;
        Ok(None)
    })?;
    Ok(refused.map_or(0, |reason| {
        eprintln!("{reason}");
        1
    }))
}

const HEADER: [&str; 14] = [
    "phone",
    "name",
    "address",
    "ward",
    "province",
    "route",
    "unit",
    "state",
    "ticket",
    "at",
    "given_to",
    "unit_name",
    "responsible",
    "responsible_phone",
];

fn cells(row: &ListedTarget) -> [String; HEADER.len()] {
    let ListedTarget { target, unit_name, responsible } = row;
    let Target { phone, name, ward, province, address, route, unit, given_to, state, at } = target;
    let written = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let ticket = if let TargetState::Ticket(id) = state { id.to_string() } else { String::new() };
    let (person, person_phone) = responsible.clone().unwrap_or_default();
    [
        phone.national().replace(' ', ""),
        written(name),
        written(address),
        written(ward),
        written(province),
        written(route),
        unit.as_ref().map(UnitId::to_string).unwrap_or_default(),
        state.name().to_owned(),
        ticket,
        at.to_rfc3339(),
        given_to.to_string(),
        unit_name.clone(),
        person,
        person_phone.unwrap_or_default(),
    ]
}

/// A cell that no spreadsheet takes for a formula.
fn defused(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
