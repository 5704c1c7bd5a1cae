//! `thoai chat FLOW --operator`: the terminal of whoever calls a customer.

use std::io::{self, BufRead, Write};
use std::path::Path;

use super::{CYAN, painted};
use crate::domain::limits::LimitsTable;
use crate::engine::Effect;
use crate::studio::talk::{OPERATOR_HELP, Operator, Shown};

/// Leads a call until it is left.
pub(super) fn run(mut call: Operator<'_>, limits: &LimitsTable, folder: &Path) -> anyhow::Result<u8> {
    println!("{OPERATOR_HELP}");
    let shown = call.begin();
    show(&shown, &call, limits, folder)?;
    for line in io::stdin().lock().lines() {
        let shown = call.hear(&line?);
        if !show(&shown, &call, limits, folder)? {
            return Ok(0);
        }
        io::stdout().flush()?;
    }
    let shown = call.hear("/quit");
    show(&shown, &call, limits, folder)?;
    Ok(0)
}

/// Shows what came of a line; `false` when the call is left.
fn show(shown: &[Shown], call: &Operator<'_>, limits: &LimitsTable, folder: &Path) -> anyhow::Result<bool> {
    for one in shown {
        match one {
            Shown::Said { text, choices, .. } => {
                println!("{} {}", painted(CYAN, "Đọc:"), text.replace('\n', "\n     "));
                let answers = choices.iter().enumerate().map(|(n, choice)| format!("[{}] {}", n + 1, choice.title));
                let answers = answers.collect::<Vec<_>>().join("   ");
                if !answers.is_empty() {
                    println!("{}", painted(CYAN, &format!("     {answers}")));
                }
            }
            // Both stand on the card.
            Shown::Did(Effect::HandOff(_) | Effect::Ended { .. }) => {}
            other => {
                if !super::show(std::slice::from_ref(other), call.talk(), limits, folder)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
