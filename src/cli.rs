//! Floor 4: the commands of `thoai`, one file each. A command is a function from what was read to what is
//! printed and an exit code; arguments and files are `main`'s.

pub mod check;
