//! The one integration binary.

mod flow;
