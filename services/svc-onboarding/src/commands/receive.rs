//! Taking a file. Who may, and whether there is room, is known before a byte of it is read.

use core_access::{PartnerPermit, Permit};
use core_kernel::{Fault, ImportId, PLATFORM_TENANT, Stop, TenantId, TypedId};
use futures::StreamExt as _;
use io_postgres::TenantTx;
use serde_json::json;

use super::upload::Upload;
use crate::model::{FileUpload, ImportJob, ImportKind, UploadFault};
use crate::refusals::{broken_off, too_long, too_many_arriving, too_many_waiting};
use crate::store::{self, NewJob};
use crate::{Imports, events};

/// The longest name of a file that is kept.
const MAX_NAME: usize = 255;

/// `ImportUsersInput`, without the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserImportOptions {
    /// `dryRun`.
    pub dry_run: bool,
    /// `trustContacts`.
    pub trust_contacts: bool,
}

/// `ImportTenantsInput`, without the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct TenantImportOptions {
    /// `dryRun`.
    pub dry_run: bool,
    /// `sandboxTwins`.
    pub sandbox_twins: bool,
}

/// In whose name a file is taken.
struct Sender {
    name: String,
    ip: Option<std::net::IpAddr>,
}

impl Imports {
    /// Takes a file of users, whole, and gives it to the workers.
    ///
    /// # Errors
    /// INVALID at `file` where it is too long or does not arrive whole; CONFLICT at `file` while too many
    /// imports of the tenant are waiting. A file that arrives and cannot be read is an import that FAILED.
    pub async fn receive_users(
        &self,
        permit: &Permit,
        options: UserImportOptions,
        file: FileUpload,
    ) -> Result<ImportJob, Stop> {
        let caller = permit.caller();
        let sender = Sender { name: caller.audit_name(), ip: caller.ip };
        let new = NewJob {
            dry_run: options.dry_run,
            trust_contacts: options.trust_contacts,
            api_key: caller.api_key(),
            ..self.new_job(ImportKind::Users, &file, &sender)
        };
        self.receive(permit.tenant(), &new, &sender, file).await
    }

    /// Takes a file of the partner's tenants.
    ///
    /// # Errors
    /// As [`Self::receive_users`].
    pub async fn receive_tenants(
        &self,
        permit: &PartnerPermit,
        options: TenantImportOptions,
        file: FileUpload,
    ) -> Result<ImportJob, Stop> {
        let caller = permit.caller();
        let sender = Sender { name: caller.audit_name(), ip: caller.ip };
        let new = NewJob {
            partner: Some(caller.partner),
            dry_run: options.dry_run,
            sandbox_twins: options.sandbox_twins,
            api_key: caller.api_key(),
            ..self.new_job(ImportKind::Tenants, &file, &sender)
        };
        self.receive(PLATFORM_TENANT, &new, &sender, file).await
    }

    fn new_job(&self, kind: ImportKind, file: &FileUpload, sender: &Sender) -> NewJob {
        NewJob {
            id: ImportId::new(&*self.platform.entropy, self.platform.now()),
            partner: None,
            kind,
            file_name: file.name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect(),
            dry_run: false,
            trust_contacts: false,
            sandbox_twins: false,
            created_by: sender.name.clone(),
            created_from: sender.ip,
            api_key: None,
        }
    }

    async fn receive(
        &self,
        tenant: TenantId,
        new: &NewJob,
        sender: &Sender,
        file: FileUpload,
    ) -> Result<ImportJob, Stop> {
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        self.begin(tenant, new).await?;
        let upload = Upload::new(self, key, new);
        let taken = self.take(tenant, new, sender, upload, file).await;
        if taken.is_err() {
            self.forget(tenant, new.id).await?;
        }
        taken
    }

    async fn begin(&self, tenant: TenantId, new: &NewJob) -> Result<(), Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let (unfinished, arriving) = store::count_unfinished(&mut tx, new.partner).await?;
        if unfinished >= self.limits.max_unfinished {
            return Err(too_many_waiting(self.limits.max_unfinished).into());
        }
        if arriving >= self.limits.max_arriving {
            return Err(too_many_arriving(self.limits.max_arriving).into());
        }
        store::insert(&mut tx, new).await?;
        Ok(tx.commit().await?)
    }

    /// What did not arrive whole leaves nothing. Where this process dies first, a worker sees to it.
    async fn forget(&self, tenant: TenantId, id: ImportId) -> Result<(), Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        store::delete_receiving(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }

    async fn take(
        &self,
        tenant: TenantId,
        new: &NewJob,
        sender: &Sender,
        mut upload: Upload<'_>,
        mut file: FileUpload,
    ) -> Result<ImportJob, Stop> {
        while let Some(bytes) = file.content.next().await {
            let bytes = bytes.map_err(|fault| match fault {
                UploadFault::TooLong => too_long(self.limits.max_bytes),
                UploadFault::BrokenOff | UploadFault::Malformed => broken_off(),
            })?;
            upload.push(&bytes).await?;
        }
        let arrived = upload.finish().await?;
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        if !store::queue(&mut tx, new.id, &arrived).await? {
            return Err(broken_off().into());
        }
        let job = store::lookup(&mut tx, new.id).await?;
        let job = job.ok_or_else(|| Fault::internal("the import just written is gone"))?.into_view()?;
        let detail = json!({ "kind": new.kind.as_str(), "rows": arrived.rows, "dry_run": new.dry_run,
                             "trust_contacts": new.trust_contacts });
        let target = new.id.to_text();
        svc_audit::record_as(&mut tx, &sender.name, "import.started", Some(&target), detail, sender.ip).await?;
        if job.status.is_over() {
            store::delete_blocks(&mut tx, new.id).await?;
            if job.partner.is_none() {
                events::finished(&mut tx, &job).await?;
            }
        }
        tx.commit().await?;
        self.touch(tenant, new.id);
        Ok(job)
    }
}
