//! What is queued, claimed and settled by hand.

use core_kernel::{MessageId, TenantId};
use io_postgres::{NoTenant, TenantTx};
use testkit::TestBed;
use uuid::Uuid;

use crate::common::{PHONE, factor};

/// Queues notices to the user's phone, as a change of factors does.
pub async fn notices(bed: &TestBed, tenant: TenantId, user: Uuid, count: i32) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let have: i64 = sqlx::query_scalar("select count(*) from factor where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    if have == 0 {
        factor(bed, tenant, core_kernel::UserId(user), "PHONE_RECOVERY", PHONE).await;
    }
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("select enqueue_notices($1, $2, null, 'factor_added', '{}') from generate_series(1, $3)")
        .bind(tenant.0)
        .bind(user)
        .bind(count)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Claims as a worker would: tenant, purpose, whether it is in doubt.
pub async fn claim(bed: &TestBed, codes: i32, others: i32) -> Vec<(TenantId, String, bool)> {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    let rows: Vec<(Uuid, String, bool)> = sqlx::query_as(
        "select tenant_id, purpose, in_doubt
           from generate_series(0, 2) lane
          cross join lateral claim_messages_batch(null, null, lane::smallint, $1, $2, 30, 30, 10, true)",
    )
    .bind(codes)
    .bind(others)
    .fetch_all(connection.connection())
    .await
    .unwrap();
    rows.into_iter().map(|(tenant, purpose, in_doubt)| (TenantId(tenant), purpose, in_doubt)).collect()
}

pub async fn settle(
    bed: &TestBed,
    tenant: TenantId,
    message: MessageId,
    attempt: i16,
    status: &str,
    body: Option<&str>,
) -> bool {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    sqlx::query_scalar(
        "select settled from settle_messages_batch(array[$1], array[$2], array[$3], array[$4], array[false], array[$5],
                array[false], array[0], array['test'], array[null], array[null], array[null], array[false], array[$6])",
    )
    .bind(tenant.0)
    .bind(message.month())
    .bind(message.0)
    .bind(attempt)
    .bind(status)
    .bind(body)
    .fetch_one(connection.connection())
    .await
    .unwrap()
}
