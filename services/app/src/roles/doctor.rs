//! `postern doctor`: what keeps this installation from serving, and what it should be told besides.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use core_kernel::{Clock as _, SystemClock, Timestamp};
use io_geo::SourceStatus;
use io_postgres::health::{Finding, Gravity};
use svc_delivery::Carriers;

use super::health;
use crate::carriers;
use crate::config::Config;
use crate::stripe;
use crate::wiring::{limits, open_atlas, open_platform};

/// Prints what is wrong.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn run(config: &Config, archive: Option<&Path>) -> anyhow::Result<ExitCode> {
    let notes = notes(&addresses(config), SystemClock.now()).into_iter();
    let shared = [shared_limits(config).await, pooled(config)].into_iter().flatten();
    for note in notes.chain(carriers::notes(config)).chain(stripe::notes(config)).chain(shared) {
        println!("{note}");
    }
    let mut faults = super::faults(config).await?;
    let mut findings = or_fault(health::examine(config, archive).await);
    match open_platform(config).await {
        Ok(platform) => {
            findings.extend(or_fault(health::sealing(&platform).await.map(Vec::from_iter)));
            faults.extend(Carriers::new(&platform, &carriers::options(config)).err().map(|error| error.to_string()));
            faults.extend(stripe::client(config, platform.entropy).err().map(|error| error.to_string()));
        }
        Err(error) => faults.push(format!("{error:#}")),
    }
    for Finding { gravity, text } in findings {
        match gravity {
            Gravity::Note => println!("note: {text}"),
            Gravity::Warning => println!("warning: {text}"),
            Gravity::Fault => faults.push(text),
        }
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

/// Through a pooler that is a fault already there may be no answer: that is no reason to say nothing else.
fn or_fault(looked: anyhow::Result<Vec<Finding>>) -> Vec<Finding> {
    looked.unwrap_or_else(|error| vec![Finding::fault(format!("{error:#}"))])
}

/// What is known of the Redis in which limits are shared. Without it logins go on.
async fn shared_limits(config: &Config) -> Option<String> {
    let limits = match limits(config, Arc::new(SystemClock)) {
        Ok(limits) => limits,
        Err(error) => return Some(format!("warning: {error:#}")),
    };
    limits.connect().await;
    Some(if limits.shared_usage()?.connected {
        "note: redis.url answers: limits are shared by all processes that are given it".to_owned()
    } else {
        let percent = config.redis_local_percent;
        format!("warning: redis.url does not answer: each process lets {percent} % of every limit through by itself")
    })
}

/// Both ways were looked at, and would be a fault if they were not what they should be.
fn pooled(config: &Config) -> Option<String> {
    config.database_direct_url.as_ref()?;
    let note =
        "note: database_url is taken for PgBouncer in transaction mode; notifications come by database.direct_url";
    Some(note.to_owned())
}

/// What became of the files of addresses. The log would say the same once more.
fn addresses(config: &Config) -> Vec<SourceStatus> {
    let silence = tracing::subscriber::NoSubscriber::default();
    tracing::subscriber::with_default(silence, || open_atlas(config, Arc::new(SystemClock)).status())
}

/// What is known of address databases. None of it keeps an installation from serving: an address of
/// which nothing is known is asked for a second factor.
fn notes(status: &[SourceStatus], now: Timestamp) -> Vec<String> {
    if status.is_empty() {
        return vec![format!("note: {}", io_geo::NONE_CONFIGURED)];
    }
    let of = |source: &SourceStatus| {
        let summary = source.summary().map(|summary| format!("note: {summary}"));
        let concerns = source.concerns(now).into_iter().map(|concern| format!("warning: {concern}"));
        summary.into_iter().chain(concerns).collect::<Vec<_>>()
    };
    status.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn noted(environment: &[(&str, &str)], days_later: i64) -> Vec<String> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = load(&Sources { file: None, environment }).unwrap();
        notes(&addresses(&config), SystemClock.now() + chrono::Duration::days(days_later))
    }

    #[test]
    fn without_files_it_says_what_is_absent() {
        let notes = noted(&[], 0);
        assert!(notes.len() == 1 && notes[0].contains("travel, country and network signals are absent"), "{notes:?}");
    }

    #[test]
    fn a_file_that_was_named_and_cannot_be_read_is_a_warning() {
        let notes = noted(&[("POSTERN_GEOIP_CITY", "/nonexistent/a.mmdb,/nonexistent/b.mmdb")], 0);
        assert_eq!(notes.len(), 2);
        assert!(notes[0].starts_with("warning: geoip.city /nonexistent/a.mmdb: it cannot be read"), "{notes:?}");
    }

    #[test]
    fn what_is_loaded_is_noted_and_what_is_old_a_warning() {
        let folder = std::env::temp_dir().join(format!("postern-doctor-{}", std::process::id()));
        let files = io_geo::demo::write(&folder, SystemClock.now()).unwrap();
        let city = files.city[0].to_str().unwrap();
        let fresh = noted(&[("POSTERN_GEOIP_CITY", city)], 0);
        assert!(fresh.len() == 1 && fresh[0].starts_with("note: geoip.city") && fresh[0].contains("Postern-Demo-City"));
        let old = noted(&[("POSTERN_GEOIP_CITY", city)], io_geo::OLD_AFTER_DAYS + 1);
        assert!(old.len() == 2 && old[1].starts_with("warning: ") && old[1].contains("days old"), "{old:?}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
