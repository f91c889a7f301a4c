//! The binary: the hidden subcommands that backout starts of itself, then the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(status) = backout::exec::hidden_main(arguments.get(1..).unwrap_or_default()) {
        return ExitCode::from(u8::try_from(status).unwrap_or(1));
    }
    if let Some(code) = backout::practice::hidden_main(&arguments) {
        return code;
    }
    backout::cli::main()
}
