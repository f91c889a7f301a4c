//! One binary for all tests that need the built program, so that it is linked once.

mod carried;
mod check;
mod cli;
mod cluster;
mod cockpit;
mod exec;
mod flights;
mod flown;
mod fuzz;
mod guards;
mod output;
mod pilot;
mod practice;
mod probes;
mod promises;
mod redis;
mod report;
// The rounds that are run on purpose are more than a few.
#[allow(dead_code)]
mod rounds;
mod runbooks;
mod scratch;
mod sql_flight;
mod sql_takeover;
mod stamps;
mod sudo;
mod takeover;
mod terminal;
mod there;
mod trust;
mod typed;
