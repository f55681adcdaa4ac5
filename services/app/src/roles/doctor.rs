//! `postern doctor`: what keeps this installation from serving.

use std::process::ExitCode;

use crate::config::Config;
use crate::wiring::open_platform;

/// Prints what is wrong.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut faults = super::faults(config).await?;
    if let Err(error) = open_platform(config).await {
        faults.push(format!("{error:#}"));
    }
    for fault in &faults {
        println!("- {fault}");
    }
    if faults.is_empty() {
        println!("This installation is fit to serve.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
