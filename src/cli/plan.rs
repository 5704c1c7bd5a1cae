//! `thoai plan`: what an edit does to those who are in mid-conversation.

use std::fmt::Write;
use std::path::Path;

use crate::flow::migrate::{Fate, Reason};
use crate::runtime::Runtime;
use crate::runtime::revision::{Live, Plan, Planned, Side};
use crate::server::control::Compare;

use super::{control, open};

/// Arguments of `thoai plan`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where people are: a folder of flows, or a revision's number.
    old: String,
    /// Where they would go.
    new: String,
}

/// `thoai plan`
pub(super) fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = open::config(file)?;
    let compare = Compare { old: side(&options.old)?, new: side(&options.new)? };
    control::block_on(async {
        let here = async |runtime: &Runtime| runtime.plan(&compare.old, &compare.new).await;
        match control::done::<Plan, _>(&config, "/plan", &compare, here).await? {
            Ok(plan) => {
                print!("{}", shown(&plan));
                Ok(u8::from(plan.points.iter().any(|planned| matches!(planned.point.fate, Fate::Stays { .. }))))
            }
            Err(reason) => {
                eprintln!("{reason}");
                Ok(1)
            }
        }
    })
}

/// A folder's files, or the number of a revision.
pub(super) fn side(name: &str) -> anyhow::Result<Side> {
    match name.parse() {
        Ok(number) => Ok(Side::Revision(number)),
        Err(_) => Ok(Side::Files(open::files(Path::new(name))?)),
    }
}

/// The plan, a line a place; places where nothing changes and nobody stands are only counted.
pub(super) fn shown(plan: &Plan) -> String {
    let mut text = String::new();
    let mut same = 0;
    for planned in &plan.points {
        let moves = matches!(&planned.point.fate, Fate::Moves { to } if *to == planned.point.step);
        if moves && planned.live == Live::default() {
            same += 1;
        } else {
            writeln!(text, "{}", line(planned)).expect("writing to a string");
        }
    }
    writeln!(text, "{same} chỗ chờ khác: an toàn, không có ai đang chờ.").expect("writing to a string");
    text
}

fn line(Planned { point, live }: &Planned) -> String {
    let Live { moves, asked_again, stay } = live;
    let fate = match &point.fate {
        Fate::Moves { to } if *to == point.step => "an toàn".to_owned(),
        Fate::Moves { to } => format!("an toàn, sang {to}"),
        Fate::AsksAgain { to, slots } if slots.is_empty() => format!("an toàn, đi tiếp từ {to}"),
        Fate::AsksAgain { to, slots } => format!("an toàn sau khi hỏi lại {} (từ {to})", slots.join(", ")),
        Fate::Stays { reason } => format!("KHÔNG an toàn: {}", why(reason)),
    };
    format!("{}/{}: {fate}; đang chờ: {moves} đi tiếp, {asked_again} hỏi lại, {stay} ở bản cũ", point.flow, point.step)
}

fn why(reason: &Reason) -> String {
    match reason {
        Reason::NoFlow => "bản mới không còn kịch bản này".to_owned(),
        Reason::NoStep => "bản mới không còn bước này; hãy khai ở migrate.rename hoặc migrate.removed".to_owned(),
        Reason::DoesNotWait => "bước này không còn chờ khách trả lời".to_owned(),
        Reason::Lacks(slots) => format!("thiếu {} mà không có câu nào hỏi được", slots.join(", ")),
        Reason::Repeats => "phải hỏi lại từ trước chỗ đã tạo phiếu hoặc đã gọi dịch vụ".to_owned(),
        Reason::UnderWay => "nhân viên, dịch vụ hoặc kịch bản con đang làm dở".to_owned(),
        Reason::Caller { flow, step } => format!("kịch bản đang đợi ở {flow}/{step} không chuyển được"),
    }
}
