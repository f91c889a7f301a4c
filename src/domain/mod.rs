//! The incident as facts and rules: the plan, what someone wants, what happened, what follows.
//!
//! Pure by construction: no I/O, no clocks, no async, no drawing. Times come in as stamps,
//! facts about the machine come in as data.

pub mod ids;
pub mod plan;
