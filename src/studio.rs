//! Floor 1: what lets an author trust an edit. Knows the engine and the flows; must never know a store, the
//! network or the terminal. Plain data in, plain data out: a command prints it, an editor can show it.

pub mod explore;
