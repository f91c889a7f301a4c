//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    backout::practice::hidden_main(&arguments).unwrap_or(ExitCode::SUCCESS)
}
