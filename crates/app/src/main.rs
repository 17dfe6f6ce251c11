//! First Call. The program itself is in the library, so that tests and tools can use its parts.

use std::process::ExitCode;

fn main() -> ExitCode {
    firstcall::cli::run(std::env::args_os()).into()
}
