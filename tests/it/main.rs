//! The one integration binary.

#![expect(clippy::disallowed_methods, reason = "a test gives up by the clock when what it waits for never comes")]

mod browser;
mod contract;
mod crash;
mod flow;
mod power_cut;
mod store;
mod tidy;
