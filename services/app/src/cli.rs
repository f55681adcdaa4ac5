//! The command line.

mod custody;
mod kinds;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use io_traces::Traces;

use crate::config::{self, Config, LogFormat, Sources};
use crate::import::{self, Import};
use crate::seeing::Seen;
use crate::{dev, logging, roles, seeing};
use custody::{AuditRole, KeysRole};
use kinds::{
    AdminRole, BillingRole, ExportKind, Format, KeyRole, PartnerRole, ProviderRole, StripeRole, TenantRole, UserRole,
};

/// Resolvers nest as deep as a query may (12), and unoptimised each level takes tens of kilobytes:
/// what is not used of a stack costs address space alone.
const STACK_BYTES: usize = 16 << 20;

/// Two-factor authentication for many firms, hosted by yourself.
#[derive(Parser, Debug)]
#[command(name = "postern", version, arg_required_else_help = true)]
struct Arguments {
    /// The configuration's file; left out: postern.toml, if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand, Debug)]
enum Role {
    /// Everything on this machine, with its own database and a demo
    Dev,
    /// The gateway
    Serve,
    /// The worker: sends messages
    Worker,
    /// Bring the database up to date, as its owner
    Migrate,
    /// Make the roles of an installation, as a superuser, who is named by POSTERN_BOOTSTRAP_DATABASE_URL
    Bootstrap,
    /// Keys of the installation
    #[command(subcommand)]
    Keys(KeysRole),
    /// Partners: the firms that own tenants
    #[command(subcommand)]
    Partner(PartnerRole),
    /// Tenants: making them, stopping them, taking out what they have, ending them
    #[command(subcommand)]
    Tenant(TenantRole),
    /// People who administer tenants
    #[command(subcommand)]
    Admin(AdminRole),
    /// API keys of tenants and of partners
    #[command(subcommand)]
    Key(KeyRole),
    /// Users of a tenant
    #[command(subcommand)]
    User(UserRole),
    /// Send a file of users (or a partner's file of tenants) to an installation, and show how it goes
    Import(Import),
    /// Write what a tenant has into a file; it is on record in the tenant's log
    Export {
        /// What
        #[arg(value_enum)]
        what: ExportKind,
        /// The tenant's slug or identifier
        #[arg(long)]
        tenant: String,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Open the users' sealed phones and addresses
        #[arg(long)]
        contacts: bool,
        /// The file; one that is there is left as it is
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// The audit log: proving an export of it, and what that takes
    #[command(subcommand)]
    Audit(AuditRole),
    /// Who carries one tenant's messages
    #[command(subcommand)]
    Provider(ProviderRole),
    /// What tenants pay
    #[command(subcommand)]
    Billing(BillingRole),
    /// The account at Stripe
    #[command(subcommand)]
    Stripe(StripeRole),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigRole),
    /// What processes tell Prometheus
    #[command(subcommand)]
    Metrics(MetricsRole),
    /// Say what keeps this installation from serving, and what should be seen to
    Doctor {
        /// Where the archive of PostgreSQL's log is, if it is reached from here: is there room on its disk?
        #[arg(long)]
        archive: Option<PathBuf>,
    },
    /// Print the API's schema
    PrintSchema,
}

#[derive(Subcommand, Debug)]
enum ConfigRole {
    /// Print every setting with its default
    Reference,
}

#[derive(Subcommand, Debug)]
enum MetricsRole {
    /// Print every metric with its meaning
    Reference,
}

/// Runs the role that the command line names.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            // For the person at the terminal: one sentence, with what it came from behind a colon.
            eprintln!("postern: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "what was asked for goes to standard output")]
fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.role {
        Role::Config(ConfigRole::Reference) => print!("{}", config::render()),
        Role::Audit(AuditRole::Verify { export, keys, kept }) => return roles::audit::verify(&export, &keys, &kept),
        Role::Metrics(MetricsRole::Reference) => print!("{}", io_meters::reference()),
        Role::PrintSchema => print!("{}", graphql::print_schema()),
        role => {
            let config = config::load(&Sources::of_process(arguments.config))?;
            let format = if matches!(role, Role::Dev) { LogFormat::Pretty } else { LogFormat::Json };
            let runtime =
                tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build()?;
            let service = name_of(&role).map(seeing::service);
            let traces = service.as_ref().map(|service| seeing::traces(&config, service, runtime.handle()));
            let traces = traces.transpose()?.flatten();
            logging::begin(&config, format, traces.as_ref())?;
            let seen = Seen { service: service.unwrap_or_default(), spans: traces.as_ref().map(Traces::counts) };
            let ended = runtime.block_on(run_with(role, config, seen));
            // The runtime carries the last of them.
            if let Some(traces) = traces {
                traces.stop();
            }
            return ended;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who is collected from, by the name that a collector shows; commands have none.
fn name_of(role: &Role) -> Option<&'static str> {
    match role {
        Role::Dev => Some("dev"),
        Role::Serve => Some("serve"),
        Role::Worker => Some("worker"),
        _ => None,
    }
}

async fn run_with(role: Role, config: Config, seen: Seen) -> anyhow::Result<ExitCode> {
    match role {
        Role::Dev => dev::run(config, seen).await?,
        Role::Serve => roles::serve::run(config, seen).await?,
        Role::Worker => roles::worker::run(config, seen).await?,
        Role::Migrate => roles::migrate::run(&config).await?,
        Role::Bootstrap => roles::bootstrap::run(&config).await?,
        Role::Keys(KeysRole::NewMaster { next }) => roles::keys::new_master(&config, next)?,
        Role::Keys(KeysRole::Rotate(role)) => run::rotate(&config, role).await?,
        Role::Admin(AdminRole::Reset { email, cancel }) => roles::admin::reset(&config, &email, cancel).await?,
        Role::Partner(PartnerRole::Create { name }) => roles::partner::create(&config, &name).await?,
        Role::Partner(PartnerRole::AddAdmin { partner, email, role }) => {
            roles::partner::add_admin(&config, &partner, &email, &role).await?;
        }
        Role::Partner(PartnerRole::RemoveAdmin { partner, email }) => {
            roles::partner::remove_admin(&config, &partner, &email).await?;
        }
        Role::Tenant(role) => run::tenant(&config, role).await?,
        Role::Key(role) => run::key(&config, role).await?,
        Role::User(UserRole::Export { user, tenant, output }) => {
            roles::export::person(&config, &tenant, &user, &output).await?;
        }
        Role::Export { what, tenant, format, contacts, output } => {
            roles::export::rows(&config, &tenant, run::request(what, format, contacts), &output).await?;
        }
        Role::Audit(role) => run::audit(&config, role).await?,
        Role::Provider(role) => run::provider(&config, role).await?,
        Role::Billing(BillingRole::Reconcile) => return roles::billing::reconcile(&config).await,
        Role::Stripe(StripeRole::Setup) => roles::billing::set_up(&config).await?,
        Role::Import(import) => return import::run(&config, import).await,
        Role::Doctor { archive } => return roles::doctor::run(&config, archive.as_deref()).await,
        Role::Config(_) | Role::Metrics(_) | Role::PrintSchema => {}
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
