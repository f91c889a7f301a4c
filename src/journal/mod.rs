//! Durable events: one append-only file for each incident, hash-chained, one writer.
//!
//! Knows how events are stored and how a crash leaves a file; knows nothing of what the events
//! mean together (that is `domain::apply`) and nothing of screens.

pub mod chain;
pub mod disk;
mod ending_form;
mod fields;
mod looked_form;
pub mod plan_form;
pub mod record;
pub mod replay;
pub mod store;
mod transaction_form;
mod words;

pub use fields::RecordError;
pub use replay::Replay;
pub use store::{DriverLock, JournalError, Store};

#[cfg(test)]
mod mend_tests;
#[cfg(test)]
mod tests;
