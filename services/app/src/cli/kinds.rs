//! What can be said of partners, tenants, keys and users. The comments are the help.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand, Debug)]
pub(super) enum PartnerRole {
    /// Make a partner, and print its API key, which has every scope and is not shown again
    Create {
        /// The firm's name
        #[arg(long)]
        name: String,
    },
    /// Name a person who answers for a partner
    AddAdmin {
        /// The partner's identifier
        #[arg(long)]
        partner: String,
        /// Where mail reaches the person
        #[arg(long)]
        email: String,
        /// OWNER, ADMIN, SUPPORT, ADVISOR, BILLING or AUDITOR
        #[arg(long, default_value = "OWNER")]
        role: String,
    },
    /// Take a person off the list of those who answer for a partner
    RemoveAdmin {
        /// The partner's identifier
        #[arg(long)]
        partner: String,
        /// Where mail reaches the person
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum AdminRole {
    /// Have a person set up password and second factor anew, in a day's time, who has roles in several places; they and
    /// the OWNERs of all their tenants are told, and signing in prevents it
    Reset {
        /// Where mail reaches the person
        #[arg(long)]
        email: String,
        /// Take it back
        #[arg(long)]
        cancel: bool,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum TenantRole {
    /// Make a tenant and invite its owner
    Create {
        /// Its address in links: 3 to 63 of a-z, 0-9 and -
        #[arg(long)]
        slug: String,
        /// The firm's name
        #[arg(long)]
        name: String,
        /// Whom to invite as its OWNER
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// The partner's identifier; left out: nobody's
        #[arg(long)]
        partner: Option<String>,
        /// A SANDBOX, which never leaves the platform
        #[arg(long)]
        sandbox: bool,
    },
    /// Deny all logins of a tenant, at once and everywhere; as the database's owner
    Suspend {
        /// Its slug or its identifier
        tenant: String,
    },
    /// Serve a suspended tenant again; as the database's owner
    Resume {
        /// Its slug or its identifier
        tenant: String,
    },
    /// Write all that a tenant has into a folder: settings, policies, users, logins, messages, log
    Export {
        /// Its slug or its identifier
        tenant: String,
        /// Open the users' sealed phones and addresses
        #[arg(long)]
        contacts: bool,
        /// The folder; one that is there is left as it is
        #[arg(long, value_name = "FOLDER")]
        output: PathBuf,
    },
    /// End a tenant, at once and everywhere; it can be restored for a while, then it is erased
    Delete {
        /// Its slug or its identifier
        tenant: String,
        /// Its slug once more, so that no other one is meant
        #[arg(long, value_name = "SLUG")]
        confirm: String,
    },
    /// Let people name a tenant by a mail domain when they sign in with their company; as the database's owner
    SignInDomain {
        /// Its slug or its identifier
        tenant: String,
        /// A domain that you know to be the firm's own, as example.com
        domain: String,
        /// Take it back
        #[arg(long)]
        remove: bool,
    },
    /// Give a deleted tenant back as it was, while there is time
    Restore {
        /// Its slug or its identifier
        tenant: String,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum ProviderRole {
    /// Use an account of the tenant's own at Twilio for its texts and calls; the auth token is read from standard input
    Set {
        /// The tenant's slug or identifier
        #[arg(long)]
        tenant: String,
        /// AC and 32 digits
        #[arg(long, value_name = "AC…")]
        account_sid: String,
        /// The sender of texts, as twilio.from
        #[arg(long)]
        from: String,
        /// The caller, as twilio.voice_from
        #[arg(long, default_value = "")]
        voice_from: String,
    },
    /// Use the installation's own providers again
    Remove {
        /// The tenant's slug or identifier
        #[arg(long)]
        tenant: String,
    },
}

/// Whose keys.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Whose {
    /// A tenant's, by its slug or identifier
    #[arg(long)]
    pub(super) tenant: Option<String>,
    /// A partner's, by its identifier
    #[arg(long)]
    pub(super) partner: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(super) enum KeyRole {
    /// Make a key, and print it; it is not shown again
    Create {
        #[command(flatten)]
        whose: Whose,
        /// What it is called in the log
        #[arg(long)]
        name: String,
        /// What it may be used for, as LOGIN or READ; several times. Left out, of a partner's key: everything
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Until when, as 2027-01-31T00:00:00Z, at most a year from now. Left out: a year
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
    /// List all keys, without their secrets
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// End a key: on this installation's gateways within 5 seconds
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// Its identifier, as `list` shows it
        key: String,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum UserRole {
    /// Write everything that is held on one person into a file, for whoever asks what that is
    Export {
        /// The user's external identifier, or ours
        user: String,
        /// The tenant's slug or identifier
        #[arg(long)]
        tenant: String,
        /// The file; one that is there is left as it is
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
pub(super) enum ExportKind {
    /// Users, as an import takes them
    Users,
    /// Logins, with what was decided
    Logins,
    /// Messages, without where they went
    Messages,
    /// The audit log
    Audit,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
pub(super) enum Format {
    /// For spreadsheets
    Csv,
    /// One JSON object a line
    Jsonl,
}

#[derive(Subcommand, Debug)]
pub(super) enum BillingRole {
    /// Compare the ledger, what Stripe was told, and what it has; fails where they differ
    Reconcile,
}

#[derive(Subcommand, Debug)]
pub(super) enum StripeRole {
    /// Make the meters and prices of all plans, where they are missing; safe to repeat
    Setup,
}
