//! The loop that carries the cockpit: reads the terminal, waits for what happens, draws, and does
//! what the model asks for.
//!
//! No decisions: what a key means is `app`'s, what may run is `domain`'s. Guarantees that the
//! terminal is given back on every way out, that a terminal that is gone ends the cockpit and
//! nothing else (running steps go on), and that nothing wakes up while nothing is due.

pub mod find;
pub mod frames;
pub mod hand;
pub mod input;
pub mod keys;
pub mod lines;
pub mod paint;
pub mod pane;
pub mod screen;
pub mod signals;
pub mod tty;
pub mod watch;
