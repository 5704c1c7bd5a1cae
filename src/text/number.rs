//! Stand-in.

/// X.
pub fn read(_text: &str) -> Option<i64> {
    None
}
