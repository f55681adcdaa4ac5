//! A file of users with a phone each, against what PostgreSQL alone takes for the same rows: a plain COPY,
//! and a set-wise insert into the same tables, with the same indexes and under the same row-level security.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bytes::Bytes;
use core_access::{ApiScope, Caller, Operation, Permit, Principal, ScopeSet};
use core_kernel::{ApiKeyId, Clock, Entropy, SystemClock, SystemEntropy, TenantId};
use core_policy::{FirstFactor, LoginPurpose};
use futures::{StreamExt as _, stream};
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use sqlx::{Executor as _, PgConnection};
use svc_admins::Admins;
use svc_directory::{CreateTenantInput, Directory, Environment, NewTenant, UserRef};
use svc_factors::Factors;
use svc_logins::{EvaluateInput, Logins};
use svc_onboarding::{FileUpload, ImportJob, ImportLimits, ImportOptions, ImportWorker, Imports, UserImportOptions};
use svc_platform::Platform;
use svc_policy::Policies;
use tokio_util::sync::CancellationToken;

use crate::copy::copy;
use crate::database::BenchDatabase;
use crate::seed::{Population, external_id};
use crate::server::own_resident_bytes;
use crate::stats::Sample;
use crate::steady::decide_steadily;

/// Rows of a file that are sent in one piece.
const PIECE: usize = 500;
/// One row in so many is wrong.
const WRONG: usize = 100;
/// Logins that are served meanwhile, a second.
const A_SECOND: u32 = 100;

/// A row: the same for the import and for PostgreSQL alone.
fn row(n: usize) -> [String; 5] {
    let number = format!("+1{}{:07}", [415, 212, 312, 206][n / 7_000_000 % 4], 2_000_000 + n % 7_000_000);
    [format!("C-{n}"), "EXTERNAL".into(), format!("Client Number {n}"), format!("client{n}@firm.example"), number]
}

fn text(n: usize) -> String {
    let good = row(n).join(",");
    if n % WRONG != WRONG / 2 {
        return good + "\r\n";
    }
    match n / WRONG % 10 {
        0 => format!("c-{},EXTERNAL,Twice,,\r\n", n - 1),
        1 => format!("\u{ff23}-{},EXTERNAL,Twice,,\r\n", n - 1),
        2 => format!("W-{n},EXTERNAL,Bad Number,,+1 415 555\r\n"),
        3 => format!("W-{n},EXTERNAL,\"Two\r\nLines\",,\r\n"),
        4 => format!("W-{n},EXTERNAL\r\n"),
        5 => format!("W-{n},EXTERNAL,Too,many,,fields\r\n"),
        6 if n < 20_000 => format!("W-{n},EXTERNAL,{},,\r\n", "x".repeat(1 << 20)),
        7 => format!("W-{n},EXTERNAL,Ann,no address,\r\n"),
        8 => format!("W-{n},EXTERNAL,=HYPERLINK(A1),,\r\n"),
        _ => format!("W-{n},CLIENT,No Such Kind,,\r\n"),
    }
}

fn file(rows: usize) -> FileUpload {
    let header = "\u{feff}external_id,kind,display_name,email,phone\r\n".to_owned();
    let pieces = (0..rows.div_ceil(PIECE))
        .map(move |piece| (piece * PIECE..((piece + 1) * PIECE).min(rows)).map(text).collect::<String>());
    let content = stream::iter(std::iter::once(header).chain(pieces)).map(|piece| Ok(Bytes::from(piece)));
    FileUpload { name: "clients.csv".to_owned(), content: content.boxed() }
}

/// What PostgreSQL alone takes.
#[derive(Debug, Clone, Copy)]
pub struct Alone {
    /// A plain COPY into a table without indexes.
    pub copy: Duration,
    /// The same rows, set-wise, as users.
    pub users: Duration,
    /// And as their phones.
    pub phones: Duration,
    /// The same users again, none of which is inserted.
    pub again: Duration,
}

/// Takes PostgreSQL's times.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn alone(database: &BenchDatabase, rows: usize) -> anyhow::Result<Alone> {
    let tenant = new_tenant(&database.platform(&database.app_url).await?, "baseline").await?;
    let mut superuser = database.superuser().await?;
    superuser
        .execute(
            "create table plain (external_id text, kind text, display_name text, email text, phone text);
                  grant select on plain to postern_app",
        )
        .await?;
    let began = Instant::now();
    let all: Vec<[String; 5]> = (0..rows).map(row).collect();
    let made = began.elapsed();
    copy(&mut superuser, "plain (external_id, kind, display_name, email, phone)", &all, |out, row| {
        for field in row {
            out.text(field);
        }
    })
    .await?;
    let copied = began.elapsed().saturating_sub(made);
    drop(all);
    let platform = database.platform(&database.app_url).await?;
    let users = statement(&platform, tenant, INSERT_USERS).await?;
    let phones = statement(&platform, tenant, INSERT_PHONES).await?;
    let again = statement(&platform, tenant, INSERT_USERS).await?;
    Ok(Alone { copy: copied, users, phones, again })
}

const INSERT_USERS: &str = "
    insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name, email_sealed,
                             email_index, created_at)
    select $1, uuid_v7(), p.external_id, lower(p.external_id), p.kind, p.display_name,
           decode(repeat(md5(p.email), 2), 'hex'), decode(md5(p.email), 'hex'), now()
      from plain p on conflict (tenant_id, external_id_folded) do nothing";
const INSERT_PHONES: &str = "
    insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, line, country, secret_sealed,
                        blind_index, created_at)
    select $1, uuid_v7(), u.user_id, 'PHONE_PRIMARY', 'PENDING', true, 'MOBILE', 'US',
           decode(repeat(md5(p.phone), 2), 'hex'), decode(md5(p.phone), 'hex'), now()
      from plain p join tenant_user u on u.tenant_id = $1 and u.external_id_folded = lower(p.external_id)";

async fn statement(platform: &Platform, tenant: TenantId, sql: &'static str) -> anyhow::Result<Duration> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    tx.connection().execute("set local statement_timeout = 0").await?;
    let began = Instant::now();
    sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await?;
    tx.commit().await?;
    Ok(began.elapsed())
}

async fn new_tenant(platform: &Platform, slug: &str) -> anyhow::Result<TenantId> {
    let directory = Directory::new(platform.clone(), Policies::new(platform.clone()));
    let tenant = directory.new_tenant_id();
    let input = CreateTenantInput {
        slug: slug.to_owned(),
        name: "Bench".to_owned(),
        environment: Environment::Live,
        owner_email: "owner@bench.example".to_owned(),
        policy: None,
    };
    let new = NewTenant { partner: None, created_by: "bench", ip: None, input: &input };
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    directory.create_tenant_in(&mut tx, new).await.map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
    tx.commit().await?;
    Ok(tenant)
}

/// An import beside logins of another tenant.
pub struct Importing {
    platform: Platform,
    tenant: TenantId,
    imports: Imports,
    worker: ImportWorker,
    logins: Logins,
    firm: TenantId,
    users: usize,
}

/// What an import took.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Until the file was there.
    pub upload: Duration,
    /// Until every row was worked through.
    pub work: Duration,
    /// The longest time in which nothing of the progress changed.
    pub silence: Duration,
    /// The highest resident memory of the process, in bytes.
    pub resident: u64,
    /// What became of it.
    pub job: ImportJob,
}

impl Importing {
    /// For a new tenant of a database; the population's first tenant logs in.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn new(database: &BenchDatabase, population: &Population) -> anyhow::Result<Self> {
        let platform = database.platform(&database.app_url).await?;
        let policies = Policies::new(platform.clone());
        let directory = Directory::new(platform.clone(), policies.clone());
        let rates = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock))?);
        let risk = || svc_logins::RiskSources::without_files(platform.clock.clone());
        let logins = Logins::new(platform.clone(), policies.clone(), rates, risk(), Default::default());
        let factors = Factors::new(platform.clone(), policies.clone());
        let admins = Admins::new(platform.clone(), directory.clone(), factors, logins.clone());
        let imports = Imports::new(platform.clone(), ImportLimits::default());
        let worker = ImportWorker::new(imports.clone(), policies, directory, admins, ImportOptions::default());
        let tenant = new_tenant(&platform, "importing").await?;
        let (firm, users) = (population.tenants[0].id, population.users.len());
        Ok(Self { platform, tenant, imports, worker, logins, firm, users })
    }

    /// Imports a file of so many rows.
    ///
    /// # Errors
    /// When it does not come to its end.
    pub async fn import(&self, rows: usize) -> anyhow::Result<Imported> {
        let permit = permit(self.tenant, Operation::ImportUsers)?;
        let (peak, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let watching = tokio::spawn(watch_memory(peak.clone(), over.clone()));
        let began = Instant::now();
        let sent = self.imports.receive_users(&permit, UserImportOptions::default(), file(rows)).await;
        let sent = sent.map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        let upload = began.elapsed();
        let silence = tokio::spawn(watch_progress(self.imports.clone(), self.tenant, sent.clone(), over.clone()));
        let began = Instant::now();
        self.worker.round(&CancellationToken::new()).await?;
        let work = began.elapsed();
        over.store(true, Ordering::Relaxed);
        let silence = silence.await??;
        watching.await?;
        let job = self.imports.lookup(&permit_to_read(self.tenant)?, sent.id).await?.context("the import is gone")?;
        ensure!(job.status.is_over() && job.processed_rows == job.total_rows, "{job:?}");
        Ok(Imported { upload, work, silence, resident: peak.load(Ordering::Relaxed), job })
    }

    /// Decides logins at a steady rate, however long each takes.
    ///
    /// # Errors
    /// When one fails.
    pub async fn serve(&self, duration: Duration) -> anyhow::Result<Sample> {
        let permit = permit(self.firm, Operation::EvaluateLogin)?;
        decide_steadily(&self.logins, permit, (0..self.users).cycle().map(login), A_SECOND, duration).await
    }

    /// Users of the tenant that imports.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn users(&self) -> anyhow::Result<i64> {
        let mut tx = TenantTx::begin(&self.platform.database, self.tenant).await?;
        let connection: &mut PgConnection = tx.connection();
        Ok(sqlx::query_scalar("select count(*) from tenant_user").fetch_one(connection).await?)
    }
}

async fn watch_memory(peak: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        peak.fetch_max(own_resident_bytes().unwrap_or(0), Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn watch_progress(
    imports: Imports,
    tenant: TenantId,
    job: ImportJob,
    over: Arc<AtomicBool>,
) -> anyhow::Result<Duration> {
    let permit = permit_to_read(tenant)?;
    let (mut seen, mut since, mut longest) = (-1, Instant::now(), Duration::ZERO);
    while !over.load(Ordering::Relaxed) {
        let now = imports.lookup(&permit, job.id).await?.context("the import is gone")?.processed_rows;
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        longest = longest.max(since.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(longest)
}

fn permit_to_read(tenant: TenantId) -> anyhow::Result<Permit> {
    permit(tenant, Operation::ReadImports)
}

fn permit(tenant: TenantId, operation: Operation) -> anyhow::Result<Permit> {
    let id = ApiKeyId(SystemEntropy.uuid_v7(SystemClock.now()));
    let scopes = ScopeSet::of(&[ApiScope::Login, ApiScope::Users, ApiScope::Read]);
    let principal = Principal::ApiKey { id, name: "bench".to_owned(), scopes, partner: None };
    Ok(Caller { tenant, principal, actor: None, ip: None }.permit(operation)?)
}

fn login(n: usize) -> EvaluateInput {
    EvaluateInput {
        user: UserRef::ExternalId(external_id(n)),
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip_address: "198.51.100.7".to_owned(),
        user_agent: None,
        device_token: None,
        idempotency_key: None,
    }
}
