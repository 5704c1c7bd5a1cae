//! `thoai schema`: what editors complete and check flow files by.
//!
//! Only prints; the schema is [`crate::flow::schema`]'s.

use crate::flow::schema::schema;
use crate::runtime::registry;

/// `thoai schema`
pub(super) fn run() -> anyhow::Result<u8> {
    println!("{}", serde_json::to_string_pretty(&schema(&registry::limits()))?);
    Ok(0)
}
