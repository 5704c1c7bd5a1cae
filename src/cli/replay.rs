//! `thoai replay`

use std::path::Path;

use crate::domain::id::ConversationId;
use crate::runtime::Runtime;
use crate::runtime::replay::{Replayed, Said};
use crate::server::control::Replay;

use super::{control, open, plan};

/// Arguments of `thoai replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The conversation.
    #[arg(required_unless_present = "open", conflicts_with = "open")]
    conversation: Option<String>,
    /// Every conversation that is under way.
    #[arg(long)]
    open: bool,
    /// Run in these flows instead: a folder, or a revision's number.
    #[arg(long, value_name = "FOLDER|REVISION")]
    against: Option<String>,
    /// Print what was said, which may be personal.
    #[arg(long)]
    show: bool,
}

/// `thoai replay`
pub(super) fn run(file: Option<&Path>, options: &Options) -> anyhow::Result<u8> {
    let config = open::config(file)?;
    let conversation = options.conversation.as_ref().map(ConversationId::new);
    let against = options.against.as_deref().map(plan::side).transpose()?;
    let wanted = Replay { conversation, against };
    control::block_on(async {
        let here =
            async |runtime: &Runtime| runtime.replay(wanted.conversation.as_ref(), wanted.against.as_ref()).await;
        match control::done::<Vec<Replayed>, _>(&config, "/replay", &wanted, here).await? {
            Ok(replayed) if replayed.is_empty() && !options.open => {
                eprintln!("Không có hội thoại này.");
                Ok(1)
            }
            Ok(replayed) => {
                replayed.iter().filter(|one| !one.is_same()).for_each(|one| print(one, options.show));
                let differ = replayed.iter().filter(|one| !one.is_same()).count();
                println!("{} hội thoại, {differ} khác trước.", replayed.len());
                Ok(u8::from(differ > 0))
            }
            Err(reason) => {
                eprintln!("{reason}");
                Ok(1)
            }
        }
    })
}

fn print(replayed: &Replayed, show: bool) {
    println!("{}: {} lượt", replayed.conversation, replayed.turns);
    for difference in &replayed.differences {
        let shown = |said: &Option<Said>| match said {
            None => "(không nói gì)".to_owned(),
            Some(said) if show => format!("{} \"{}\"", said.step, said.text),
            Some(said) => said.step.clone(),
        };
        println!("  {}: trước {}, nay {}", difference.entry, shown(&difference.before), shown(&difference.now));
    }
    if !replayed.stands {
        println!("  cuối cùng dừng ở chỗ khác");
    }
}
