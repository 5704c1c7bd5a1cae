//! The `thoai` program.

fn main() {}
