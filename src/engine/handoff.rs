//! What a `handoff` step gives to the routing core.

use crate::domain::contact::Profile;
use crate::domain::slot::Value;
use crate::domain::ticket::{TicketKind, TicketRequest};
use crate::flow::{HandOffSlots, SlotIx};

use super::run::Run;

impl Run<'_> {
    /// The request for a ticket, of what the flow knows now.
    pub(super) fn request(&self, kind: TicketKind, send: &HandOffSlots) -> TicketRequest {
        let value = |ix: Option<SlotIx>| ix.and_then(|ix| self.progress.slots.get(&self.flow.slot(ix).name));
        let phone = |ix| match value(ix) {
            Some(Value::Phone(phone)) => Some(phone.clone()),
            _ => None,
        };
        let subscriber = phone(send.subscriber);
        let name = match value(send.name) {
            Some(Value::Text(name)) => Some(name.clone()),
            _ => self.input.contact.name.clone(),
        };
        let known = self.input.contact.phone.clone();
        let contact_phone = phone(send.phone).or_else(|| known.clone()).or_else(|| subscriber.clone());
        let phone_verified = self.input.contact.phone_verified && contact_phone == known;
        let named = |ix: &SlotIx| {
            let name = &self.flow.slot(*ix).name;
            Some((name.clone(), self.progress.slots.get(name)?.clone()))
        };
        TicketRequest {
            kind,
            contact: Profile { name, phone: contact_phone, phone_verified, language: self.language },
            subscriber,
            place: match value(send.place) {
                Some(Value::Address(address)) => Some(address.clone()),
                _ => None,
            },
            quarantine: matches!(value(send.quarantine), Some(Value::YesNo(true))),
            slots: send.slots.iter().filter_map(named).collect(),
            transcript: Vec::new(),
        }
    }
}
