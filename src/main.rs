//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(status) = backout::exec::hidden_main(arguments.get(1..).unwrap_or_default()) {
        return ExitCode::from(u8::try_from(status).unwrap_or(1));
    }
    backout::practice::hidden_main(&arguments).unwrap_or(ExitCode::SUCCESS)
}
