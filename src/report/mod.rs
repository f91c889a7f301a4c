//! What is written about an incident: the log in the plan's own template, the timeline, the
//! exports, the messages, the resume card.
//!
//! Every function here is a fold over the incident and its events, with the time as an argument:
//! no I/O, no clocks. What is not known stays the blank that it is, what a person wrote is never
//! replaced, and what a person only said is never shown as something that was measured.

pub mod export;
pub mod kind;
pub mod log;
pub mod messages;
pub mod resume;
pub mod timeline;
pub mod topic;
pub mod when;
pub mod words;

mod answer;
mod choose;
mod facts;
mod fill;
mod flown;
mod form;
mod verified;
mod wordings;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod story_tests;

pub use flown::started_at;
