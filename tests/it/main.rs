//! The one integration binary.

mod browser;
mod contract;
mod crash;
mod flow;
mod power_cut;
mod store;
mod tidy;
