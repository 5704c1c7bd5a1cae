//! The commands of the `thoai` program, one file each: from words on a terminal to calls of the library.
//!
//! Commands print; nothing below this floor does.

pub mod understand;
