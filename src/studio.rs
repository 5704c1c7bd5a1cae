//! Floor 1: what lets an author trust an edit: scripted conversations beside the flows, what they cover,
//! a conversation to talk in, and the walk through every state.
//!
//! Knows `engine` and `flow`, whose turns it plays on a clock of its own, and `text`, `place`, `domain`;
//! must never know a channel beyond its limits, a store, the real clock or a terminal: plain data in, plain
//! data out, so that a command prints it and an editor can show it. Start with [`play`], which tests and
//! talks use; [`script`] reads `X.test.yaml`, [`mod@test`] runs it, [`coverage`] counts what was run, [`talk`]
//! is `thoai chat`, [`explore`] needs no script.

pub mod coverage;
pub mod explore;
pub mod play;
pub mod said;
pub mod script;
pub mod talk;
pub mod test;

pub use play::{Act, Play, Stage};
pub use script::Script;
