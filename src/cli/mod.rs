//! The command line: words in, the right layer asked, an exit status out.
//!
//! Errors become one line for a person here and nowhere below. Drawing and deciding are not here.
//!
//! | exit status | means |
//! |---|---|
//! | 0 | done, and as it should be |
//! | 1 | done, and found wanting |
//! | 2 | could not be done as asked; nothing was changed |
//! | 3 | a fault of backout itself |
//! | 130 | interrupted |

mod args;
mod blanks;
mod check;
mod drill;
mod export;
mod failure;
mod fly;
mod list;
mod machine;
mod new;
mod output;
mod show;
mod source;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Verb};
use failure::{Ended, Ending};

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The report is for faults of backout; whether it was installed before does not matter.
    let _ = color_eyre::install();
    match run(arguments) {
        Ok(outcome) => outcome.into(),
        Err(Ended::Failures(failures)) => {
            for failure in failures {
                output::say(&format!("error: {failure}"));
            }
            ExitCode::from(2)
        }
        Err(Ended::Fault(report)) => {
            output::say(&format!(
                "a fault of backout itself, please report it: {report:?}"
            ));
            ExitCode::from(3)
        }
    }
}

fn run(arguments: Arguments) -> Ending {
    match arguments.command {
        None => fly::home(&arguments.everywhere),
        Some(Verb::Open(open)) => fly::open(&open, &arguments.everywhere),
        Some(Verb::Practice) => fly::practice(&arguments.everywhere),
        Some(Verb::Resume(resume)) => fly::resume(&resume, &arguments.everywhere),
        Some(Verb::Export(wanted)) => export::run(&wanted, &arguments.everywhere),
        Some(Verb::List(list)) => list::run(&list, &arguments.everywhere),
        Some(Verb::Drill(drill)) => drill::run(&drill, &arguments.everywhere),
        Some(Verb::Check(wanted)) => check::run(&wanted, &arguments.everywhere),
        Some(Verb::New(wanted)) => new::run(&wanted),
        Some(Verb::Show(show)) => show::run(&show, &arguments.everywhere),
    }
}
