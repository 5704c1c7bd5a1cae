//! Floor 1: what lets an author trust an edit: scripted conversations beside the flows, what they cover,
//! and a conversation to talk in.
//!
//! Knows `engine` and `flow`, whose turns it plays on a clock of its own, and `text`, `place`, `domain`;
//! must never know a channel beyond its limits, a store, the real clock or a terminal: files come in as
//! text and go out as text. Start with [`play`], which all the others use; [`script`] reads
//! `X.test.yaml`, [`test`] runs it, [`coverage`] counts what was run, [`talk`] is `thoai chat`.

pub mod coverage;
pub mod play;
pub mod said;
pub mod script;
pub mod talk;
pub mod test;

pub use play::{Act, Play, Stage};
pub use script::Script;
