//! backout: a terminal cockpit for rollbacks.
//!
//! The reading order of the crate, lowest layer first. Each layer names only the layers listed
//! for it in `ARCHITECTURE.md`; `tests/architecture.rs` holds that.

pub mod app;
pub mod cli;
pub mod domain;
pub mod exec;
pub mod journal;
pub mod practice;
pub mod probe;
pub mod report;
pub mod runbook;
pub mod runtime;
pub mod script;
pub mod session;
pub mod term;
pub mod tui;
