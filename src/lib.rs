//! Thoại: a conversational backend for Vietnamese operators.
//!
//! The map, floor by floor; an arrow points down only (held by `tests/it/tidy.rs`):
//!
//! | floor | modules | may know |
//! |---|---|---|
//! | 4 | [`server`], [`cli`] | axum, HTTP status codes, HTML, the terminal |
//! | 3 | [`runtime`], [`config`] | tokio, reqwest, the clock, chance |
//! | 2 | [`channel`], [`store`] | their own trait; they do not know each other |
//! | 1 | [`text`], [`place`], [`flow`], [`engine`], [`studio`], [`routing`] | pure and synchronous; `place -> text`, `flow -> text`, `engine -> flow, text, place`, `studio -> engine and what it knows`, `routing -> text, place` |
//! | 0 | [`domain`] | nothing of the above |

pub mod channel;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod flow;
pub mod place;
pub mod routing;
pub mod runtime;
pub mod server;
pub mod store;
pub mod studio;
pub mod text;
