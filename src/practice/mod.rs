//! The built-in world to practise in: a small shop whose last release went wrong.
//!
//! Real and safe: a git repository with good and bad releases, a detached HTTP service that does
//! what the checked-out release says, data that a migration has spoilt, a backup, and a rollback
//! plan for all of it. Everything is inside one directory of its own; nothing listens anywhere
//! but on 127.0.0.1; git and bash are all that it needs. The service stops on request, when its
//! directory is gone, and by itself after some hours. Nothing here knows about incidents.

mod http;
mod serve;
mod shop;
mod story;
mod world;

pub use serve::hidden_main;
pub use world::{PracticeError, World};

/// The runbook of the practice world, as it is written into it.
pub const RUNBOOK: &str = include_str!("../../runbooks/practice.md");
