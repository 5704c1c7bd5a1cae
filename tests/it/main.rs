//! The one integration binary.

mod power_cut;
mod store;
mod flow;
mod tidy;
mod contract;
