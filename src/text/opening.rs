//! Stand-in.

/// X.
pub fn correction(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("không,").or_else(|| text.strip_prefix("à nhầm"))?;
    Some(rest.trim_matches(|c: char| c == ',' || c.is_whitespace()))
}

/// X.
pub fn skip(text: &str) -> bool {
    text == "bỏ qua"
}
