//! What can be said of the installation's keys and of the audit log. The comments are the help.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub(super) enum KeysRole {
    /// Make the master key's file, where there is none
    NewMaster {
        /// Write another key behind those that are there, to be rotated to
        #[arg(long)]
        next: bool,
    },
    /// Replace keys while everything goes on; as the database's owner. What is killed is run again, and goes on
    #[command(subcommand)]
    Rotate(RotateRole),
}

#[derive(Subcommand, Debug)]
pub(super) enum RotateRole {
    /// Publish a new key for assertions, which signs in a quarter of an hour; the old one stays published until its last assertion is over
    Signing {
        /// The new key signs at once, and all others are withdrawn: what they signed is not believed any more
        #[arg(long)]
        revoke: bool,
    },
    /// Make a new pepper for API keys' digests; each key's is made anew when it is next used
    Pepper {
        /// Destroy the peppers before: API keys that were not used since are unknown from then on
        #[arg(long)]
        retire: bool,
    },
    /// Make a new data key for each tenant, seal its secrets again under it, and destroy the old one
    Data {
        /// This tenant's alone, by its slug or identifier
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Put every key under the last key of the master file
    Master,
}

#[derive(Subcommand, Debug)]
pub(super) enum AuditRole {
    /// Prove an export of the audit log, without any connection: that nothing was changed, removed, added, moved or cut off
    Verify {
        /// What `postern export audit --format jsonl` wrote
        export: PathBuf,
        /// The keys that signed it: what `postern audit keys` wrote
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Signed heads that were kept elsewhere: what `postern audit heads` wrote, or an earlier export; several times
        #[arg(long, value_name = "FILE")]
        kept: Vec<PathBuf>,
    },
    /// Write the public keys that sign, and those that did, into a file
    Keys {
        /// The file; one that is there is left as it is
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Write the signed heads of a tenant's log into a file, to be kept elsewhere
    Heads {
        /// The tenant's slug or identifier
        #[arg(long)]
        tenant: String,
        /// The file; one that is there is left as it is
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
}
