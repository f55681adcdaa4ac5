//! What a doctor looks at beside that without which nobody serves ([`fitness`](crate::fitness)): things that
//! go wrong slowly, and are found out about when it is too late.
//!
//! Each examination is a function of a connection that gives findings; to add one, write it where it belongs
//! and name it in [`examine`]. What the role may not see is said to be unseen, and not to be well.

mod ahead;
mod archive;
mod citus;
mod server;

use core_kernel::Timestamp;
use sqlx::PgConnection;

pub use citus::distribution_faults;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Good to know.
    Note,
    /// To be seen to before it becomes a fault.
    Warning,
    /// Something does not work, or is about to be lost.
    Fault,
}

/// Something that was found, as a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// What it is, and what to do about it.
    pub text: String,
}

impl Finding {
    /// Good to know.
    pub fn note(text: impl Into<String>) -> Self {
        Self { gravity: Gravity::Note, text: text.into() }
    }

    /// To be seen to.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, text: text.into() }
    }

    /// Broken.
    pub fn fault(text: impl Into<String>) -> Self {
        Self { gravity: Gravity::Fault, text: text.into() }
    }
}

type Findings = Result<Vec<Finding>, sqlx::Error>;

/// Examines a database, through any role of the installation's; `now` tells the time of this machine.
///
/// # Errors
/// When the database cannot be asked.
pub async fn examine(connection: &mut PgConnection, now: impl Fn() -> Timestamp + Send) -> Findings {
    let mut findings = server::version(connection).await?;
    findings.extend(server::standby(connection).await?);
    findings.extend(server::clock(connection, now).await?);
    findings.extend(server::connections(connection).await?);
    findings.extend(ahead::migrations(connection).await?);
    findings.extend(ahead::partitions(connection).await?);
    findings.extend(archive::log(connection).await?);
    findings.extend(archive::slots(connection).await?);
    findings.extend(archive::standbys(connection).await?);
    findings.extend(citus::distribution(connection).await?);
    Ok(findings)
}
