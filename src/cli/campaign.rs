//! `thoai prompt --campaign NAME --targets`: puts a campaign's question to everybody on its list who was not asked yet.

use std::path::Path;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::runtime::Runtime;
use crate::runtime::prompt::Invited;
use crate::runtime::targets::ListedTarget;
use crate::server::control::{ExportTargets, Invite};

use super::control::{self, House};
use super::targets::Bar;
use crate::domain::target::TargetState;

/// So many in a row that the gateway did not take end the run.
const MOST_FAILED: u32 = 20;

/// What has become of those on the list so far.
#[derive(Default)]
struct Total {
    invited: u64,
    respected: u64,
    failed: u64,
    before: u64,
    /// How many were to be asked when it began.
    left: u64,
    /// How many are in each state at the end.
    states: Vec<(String, u64)>,
}

/// Asks them at most so many a second. It may be stopped and run again: whoever was asked is not asked once more.
pub(super) fn invite_all(config: Option<&Path>, campaign: &str, rate: u32) -> anyhow::Result<u8> {
    let config = super::open::config(config)?;
    let mut total = Total::default();
    let stopped = control::block_on(async {
        let house = House::find(&config).await?;
        let count = async || {
            let here = async |runtime: &Runtime| runtime.count_targets(campaign).await;
            let counted = house.done::<Vec<(String, u64)>, _>("/targets/count", &campaign, here).await?;
            counted.map_err(anyhow::Error::msg)
        };
        total.left = count().await?.first().map_or(0, |(_, new)| *new);
        let stopped = walk(&house, campaign, rate, &mut total).await?;
        total.states = count().await?;
        anyhow::Ok(stopped)
    })?;
    let Total { invited, respected, failed, before, left: _, states } = total;
    let rows = [("đã mời", invited), ("đã mời từ trước", before), ("không mời", respected), ("chưa gửi được", failed)];
    for (what, count) in rows {
        println!("{what:<16}{count:>10}");
    }
    for (state, count) in states {
        println!("  {state:<14}{count:>10}");
    }
    Ok(stopped.map_or(0, |reason| {
        eprintln!("{reason}");
        1
    }))
}

/// Goes through the list. Returns why it stopped before the end.
async fn walk(house: &House, campaign: &str, rate: u32, total: &mut Total) -> anyhow::Result<Option<String>> {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / rate);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut after, mut failed_in_a_row, mut tried) = (None, 0, 0);
    let mut bar = Bar::of(total.left);
    loop {
        let wanted = ExportTargets { campaign: campaign.to_owned(), unit: None, after };
        let here = async |runtime: &Runtime| runtime.targets(campaign, None, wanted.after.as_ref()).await;
        let page: Vec<ListedTarget> = match house.done("/targets/export", &wanted, here).await? {
            Ok(page) => page,
            Err(reason) => return Ok(Some(reason)),
        };
        let Some(last) = page.last() else { return Ok(None) };
        after = Some(last.target.clone());
        for ListedTarget { target, .. } in &page {
            if target.state != TargetState::New {
                total.before += 1;
                continue;
            }
            pace.tick().await;
            let invite = Invite { campaign: campaign.to_owned(), to: target.phone.clone() };
            let here = async |runtime: &Runtime| runtime.invite(campaign, &target.phone).await;
            match house.done("/targets/invite", &invite, here).await? {
                Ok(Invited::Sent) => (total.invited, failed_in_a_row) = (total.invited + 1, 0),
                Ok(Invited::Respected) => total.respected += 1,
                Ok(Invited::Night) => {
                    return Ok(Some("Chỉ mời từ 7:00 đến 22:00. Chạy lại lệnh này để mời tiếp.".to_owned()));
                }
                Ok(Invited::Failed(reason)) => {
                    total.failed += 1;
                    failed_in_a_row += 1;
                    if failed_in_a_row >= MOST_FAILED {
                        return Ok(Some(format!("{MOST_FAILED} lần liền không gửi được: {reason}")));
                    }
                }
                Err(reason) => return Ok(Some(reason)),
            }
            tried += 1;
            bar.draw("mời", tried);
        }
    }
}
