//! Whether a value of one slot may stand in another.

use crate::domain::slot::Value;
use crate::flow::Slot;

/// Whether every value of the old slot is one of the new slot.
pub(super) fn carries(old: &Slot, new: &Slot) -> bool {
    let has = |key: &String| new.options.iter().any(|(known, _)| known == key);
    same_form(old, new)
        && old.options.iter().all(|(key, _)| has(key))
        && new.range.0 <= old.range.0
        && old.range.1 <= new.range.1
        && new.need.iter().all(|part| old.need.contains(part))
}

/// Whether this value of the old slot is one of the new slot.
pub(super) fn takes(old: &Slot, new: &Slot, value: &Value) -> bool {
    same_form(old, new) && fits(new, value)
}

/// Whether the slot can hold the value, as far as the value alone can tell.
pub(super) fn fits(slot: &Slot, value: &Value) -> bool {
    value.fits(slot.kind)
        && match value {
            Value::Choice(key) => slot.options.iter().any(|(known, _)| known == key),
            Value::Number(number) => (slot.range.0..=slot.range.1).contains(number),
            Value::Address(address) => slot.need.iter().all(|part| address.has(*part)),
            _ => true,
        }
}

/// Whether the slots are of one type and the new one takes every form that the old one took. A yes is
/// no consent, though both are yes/no.
fn same_form(old: &Slot, new: &Slot) -> bool {
    old.kind == new.kind && (new.any_phone || !old.any_phone) && (new.pattern.is_none() || new.pattern == old.pattern)
}
