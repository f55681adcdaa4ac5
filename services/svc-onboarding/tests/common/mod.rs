//! Imports on a test's own database, and files to feed them with.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use core_access::{ApiScope, Operation, PartnerPermit, Permit};
use core_kernel::{ImportId, PageRequest, PartnerId, Stop, SystemClock, TenantId, TypedId};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use svc_admins::Admins;
use svc_directory::Directory;
use svc_factors::Factors;
use svc_logins::{Logins, RiskSources};
use svc_onboarding::{
    FileUpload, ImportError, ImportJob, ImportLimits, ImportOptions, ImportWorker, Imports, TenantImportOptions,
    UploadFault, UserImportOptions,
};
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller, partner_caller};
use tokio_util::sync::CancellationToken;

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub imports: Imports,
    pub policies: Policies,
    pub directory: Directory,
    pub admins: Admins,
}

pub const TRUST: UserImportOptions = UserImportOptions { dry_run: false, trust_contacts: true };
pub const SUGGEST: UserImportOptions = UserImportOptions { dry_run: false, trust_contacts: false };
pub const REHEARSE: UserImportOptions = UserImportOptions { dry_run: true, trust_contacts: false };

impl Fixture {
    pub async fn new() -> Self {
        Self::with_limits(ImportLimits::default()).await
    }

    pub async fn with_limits(limits: ImportLimits) -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Live).await;
        let platform = bed.platform.clone();
        let policies = Policies::new(platform.clone());
        svc_admins::ensure_platform_tenant(&platform, &policies).await.unwrap();
        let directory = Directory::new(platform.clone(), policies.clone());
        let rates = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock)).unwrap());
        let risk = RiskSources::without_files(platform.clock.clone());
        let logins = Logins::new(platform.clone(), policies.clone(), rates, risk, Default::default());
        let factors = Factors::new(platform.clone(), policies.clone());
        let admins = Admins::new(platform.clone(), directory.clone(), factors, logins);
        Self { imports: Imports::new(platform, limits), bed, tenant, policies, directory, admins }
    }

    pub fn worker(&self, options: ImportOptions) -> ImportWorker {
        let (policies, directory) = (self.policies.clone(), self.directory.clone());
        ImportWorker::new(self.imports.clone(), policies, directory, self.admins.clone(), options)
    }

    /// Works until nothing is left.
    pub async fn work(&self) {
        self.worker(quick()).round(&CancellationToken::new()).await.unwrap();
    }

    pub fn permit(&self, operation: Operation) -> Permit {
        self.permit_of(self.tenant, operation)
    }

    pub fn permit_of(&self, tenant: TenantId, operation: Operation) -> Permit {
        caller(tenant, &[ApiScope::Users, ApiScope::Read]).permit(operation).unwrap()
    }

    pub async fn send(&self, options: UserImportOptions, file: impl Into<Vec<u8>>) -> ImportJob {
        self.send_to(self.tenant, options, file).await.unwrap()
    }

    pub async fn send_to(
        &self,
        tenant: TenantId,
        options: UserImportOptions,
        file: impl Into<Vec<u8>>,
    ) -> Result<ImportJob, Stop> {
        let permit = self.permit_of(tenant, Operation::ImportUsers);
        self.imports.receive_users(&permit, options, upload(file)).await
    }

    /// Sends a file and works until it is through.
    pub async fn import(&self, options: UserImportOptions, file: impl Into<Vec<u8>>) -> ImportJob {
        let sent = self.send(options, file).await;
        self.work().await;
        self.read(sent.id).await
    }

    pub async fn read(&self, id: ImportId) -> ImportJob {
        self.imports.lookup(&self.permit(Operation::ReadImports), id).await.unwrap().expect("it is there")
    }

    pub async fn list(&self) -> Vec<ImportJob> {
        let page = PageRequest::new(100, None).unwrap();
        let page = self.imports.list(&self.permit(Operation::ReadImports), &page).await.unwrap();
        page.rows.into_iter().map(|(_, job)| job).collect()
    }

    pub async fn errors(&self, job: &ImportJob) -> Vec<ImportError> {
        self.imports.errors_of(std::slice::from_ref(job), 100).await.unwrap().remove(&job.id).unwrap_or_default()
    }

    /// Line and column of each fault.
    pub async fn faults(&self, job: &ImportJob) -> Vec<(i32, String)> {
        let errors = self.errors(job).await;
        errors.into_iter().map(|error| (error.line, error.fault.column.unwrap_or_default())).collect()
    }

    /// The file of refused rows, from its URL.
    pub async fn refused(&self, job: &ImportJob) -> String {
        let url = self.imports.errors_url(job).expect("refused rows");
        let mut parts = url.rsplit('/').skip(1);
        let (ticket, import) = (parts.next().unwrap(), parts.next().unwrap());
        let rows = self.imports.refused_rows(import, ticket).await.unwrap().expect("ours");
        let bytes: Vec<Bytes> = rows.into_stream().try_collect().await.unwrap();
        String::from_utf8(bytes.concat()).unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.count_of(self.tenant, sql).await
    }

    /// A count with the tenant as $1.
    pub async fn count_of(&self, tenant: TenantId, sql: &'static str) -> i64 {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
    }

    pub async fn write(&self, sql: &'static str) {
        let mut tx = TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap();
        sqlx::query(sql).bind(self.tenant.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn users(&self) -> i64 {
        self.count("select count(*) from tenant_user where tenant_id = $1").await
    }

    pub async fn partner(&self) -> PartnerId {
        self.directory.create_partner("Partner & Co").await.unwrap()
    }

    pub fn partner_permit(&self, partner: PartnerId, operation: Operation) -> PartnerPermit {
        partner_caller(partner, &[ApiScope::Tenants, ApiScope::Read]).permit(operation).unwrap()
    }

    /// Sends a file of tenants and works until it is through.
    pub async fn import_tenants(&self, partner: PartnerId, options: TenantImportOptions, file: &str) -> ImportJob {
        let permit = self.partner_permit(partner, Operation::ImportTenants);
        let sent = self.imports.receive_tenants(&permit, options, upload(file)).await.unwrap();
        self.work().await;
        let permit = self.partner_permit(partner, Operation::ReadPartner);
        self.imports.lookup_of_partner(&permit, sent.id).await.unwrap().unwrap()
    }
}

/// A file that comes in pieces.
pub fn upload(file: impl Into<Vec<u8>>) -> FileUpload {
    let pieces: Vec<Result<Bytes, UploadFault>> =
        file.into().chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    FileUpload { name: "users.csv".to_owned(), content: stream::iter(pieces).boxed() }
}

/// No rest, and small batches.
pub fn quick() -> ImportOptions {
    ImportOptions { rest: 0.0, poll: Duration::from_millis(20), ..ImportOptions::default() }
}

/// One block to a batch and a long rest after it, so that a test can look.
pub fn slow() -> ImportOptions {
    ImportOptions {
        rest: 1e3,
        max_blocks: 1,
        poll: Duration::from_millis(20),
        lease: Duration::from_secs(1),
        ..ImportOptions::default()
    }
}

/// One block to a batch, and a rest of so many times what it took.
pub fn resting(rest: f64) -> ImportOptions {
    ImportOptions { rest, max_blocks: 1, ..quick() }
}

pub fn phone(number: usize) -> String {
    format!("+1415{}", 2_000_000 + number)
}

/// Good rows, from number `from` on.
pub fn good_rows(from: usize, count: usize) -> String {
    let row = |n| format!("C-{n},EXTERNAL,Client {n},c{n}@client.example,{}\r\n", phone(n));
    (from..from + count).map(row).collect()
}

pub const HEADER: &str = "external_id,kind,display_name,email,phone\r\n";

pub fn file(count: usize) -> String {
    format!("{HEADER}{}", good_rows(0, count))
}

pub fn refusal(result: Result<ImportJob, Stop>) -> String {
    match result {
        Err(Stop::Refused(refusals)) => refusals[0].message.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn text(id: ImportId) -> String {
    id.to_text()
}
