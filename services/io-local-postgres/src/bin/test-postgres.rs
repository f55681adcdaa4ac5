//! `test-postgres start|url|stop|reset`: the test suite's server, for the Makefile and for people.

use std::process::ExitCode;

use io_local_postgres::{Error, reset_test_cluster, stop_test_cluster, test_cluster};

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("test-postgres: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "printing is what this program is for")]
fn run(verb: Option<&str>) -> Result<ExitCode, Error> {
    match verb {
        Some("start") => test_cluster().map(drop)?,
        Some("url") => println!("{}", test_cluster()?.expose()),
        Some("stop") => stop_test_cluster()?,
        Some("reset") => reset_test_cluster()?,
        _ => {
            eprintln!("usage: test-postgres start|url|stop|reset");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
