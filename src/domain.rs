//! Floor 0: the words of the field, as plain data.
//!
//! Knows nothing but itself: no input or output, no clock, no chance. Every other module speaks in
//! these types; start with [`message`] and [`conversation`].

pub mod address;
pub mod consent;
pub mod contact;
pub mod conversation;
pub mod id;
pub mod limits;
pub mod message;
pub mod phone;
pub mod session;
pub mod slot;
pub mod target;
pub mod ticket;
pub mod time;
pub mod unit;
