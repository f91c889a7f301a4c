//! One binary for all tests that need the built program, so that it is linked once.

mod check;
mod cli;
mod cockpit;
mod exec;
mod flights;
mod fuzz;
mod pilot;
mod practice;
mod report;
mod runbooks;
mod scratch;
mod terminal;
mod there;
mod trust;
