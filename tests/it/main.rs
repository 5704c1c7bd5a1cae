//! The one integration binary.

mod address;
mod api;
mod broken;
mod browser;
mod calling;
mod contract;
mod crash;
mod dialogue;
mod flow;
mod graph;
mod house;
mod journey;
mod menu;
mod person;
mod power_cut;
mod schema;
mod sending;
mod stand_in;
mod store;
mod ticket;
mod tidy;
mod unasked;
mod versions;
mod visitor;
mod watched;
mod webhook;
