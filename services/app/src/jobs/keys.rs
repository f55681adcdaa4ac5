//! Keys: read anew when they change, and put on record where something does not open.

use std::time::Duration;

use core_crypto::SealContext;
use io_postgres::{DbError, TenantTx};
use serde_json::json;
use svc_platform::{Platform, Refused};

use super::{Jobs, reload_keys};
use crate::wiring::Wiring;

/// A notification is a hint: a key that was replaced is known to be within five seconds without one.
const READ_KEYS: Duration = Duration::from_secs(4);

impl Jobs {
    /// Reads the installation's keys again and again, and records what did not open.
    pub(super) fn keep_keys(&mut self, wiring: &Wiring) {
        let reading = wiring.clone();
        self.until_stopped(async move {
            loop {
                tokio::time::sleep(READ_KEYS).await;
                reload_keys(&reading);
            }
        });
        let platform = wiring.platform.clone();
        self.until_stopped(async move {
            loop {
                platform.keys.alarms().rung().await;
                for refused in platform.keys.alarms().take() {
                    platform.meters.secrets_refused.at([]).add_one();
                    if let Err(error) = record(&platform, refused).await {
                        tracing::error!(error = %error, "a sealed value that does not open is on record in this log alone");
                    }
                }
            }
        });
    }
}

/// Into the log of whoever asked for it: there the moved value stands.
async fn record(platform: &Platform, Refused { place, error }: Refused) -> Result<(), DbError> {
    let SealContext { tenant, table, row, column } = place;
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let detail = json!({ "table": table, "column": column, "why": error.to_string() });
    svc_audit::record_as(&mut tx, "system", "secret.refused", Some(&row.to_string()), detail, None).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use core_access::{Caller, Operation};
    use core_crypto::OpenError;
    use core_kernel::PageRequest;
    use svc_audit::AuditFilter;
    use testkit::{Environment, TestBed};
    use uuid::Uuid;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_value_that_did_not_open_is_on_record_where_it_stands() {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Live).await;
        let place = SealContext { tenant, table: "factor", row: Uuid::from_u128(7), column: "secret_sealed" };
        record(&bed.platform, Refused { place, error: OpenError::Refused }).await.unwrap();
        let permit = Caller::system(tenant).permit(Operation::ReadAudit).unwrap();
        let by_system = AuditFilter { actor: Some("system".to_owned()), ..AuditFilter::default() };
        let page = PageRequest::new(2, None).unwrap();
        let entries = svc_audit::list(&bed.platform, &permit, &by_system, &page).await.unwrap().rows;
        let [(_, entry)] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((entry.action.as_str(), &entry.target), ("secret.refused", &Some(Uuid::from_u128(7).to_string())));
        assert_eq!(entry.detail["column"], json!("secret_sealed"));
    }
}
