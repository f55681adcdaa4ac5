//! What is asked alike of every table of links that are mailed: a row is a digest, whose link it is, and until when
//! it holds.

macro_rules! links {
    ($table:literal) => {
        /// Whose it is, while it holds.
        pub(crate) async fn find(
            tx: &mut TenantTx,
            digest: &[u8; 32],
            now: Timestamp,
        ) -> Result<Option<AccountId>, DbError> {
            const SQL: &str =
                concat!("select account_id from ", $table, " where tenant_id = $1 and digest = $2 and expires_at > $3");
            let tenant = tx.tenant().0;
            let found: Option<Uuid> = sqlx::query_scalar(SQL)
                .bind(tenant)
                .bind(&digest[..])
                .bind(now)
                .fetch_optional(tx.connection())
                .await?;
            Ok(found.map(AccountId))
        }

        /// Uses it up; false where somebody else just did.
        pub(crate) async fn delete(tx: &mut TenantTx, digest: &[u8; 32]) -> Result<bool, DbError> {
            const SQL: &str = concat!("delete from ", $table, " where tenant_id = $1 and digest = $2");
            let tenant = tx.tenant().0;
            let deleted = sqlx::query(SQL).bind(tenant).bind(&digest[..]).execute(tx.connection()).await?;
            Ok(deleted.rows_affected() > 0)
        }

        /// Deletes those that held until then; how many.
        pub(crate) async fn delete_over(tx: &mut TenantTx, then: Timestamp) -> Result<u64, DbError> {
            const SQL: &str = concat!("delete from ", $table, " where tenant_id = $1 and expires_at <= $2");
            let tenant = tx.tenant().0;
            Ok(sqlx::query(SQL).bind(tenant).bind(then).execute(tx.connection()).await?.rows_affected())
        }
    };
}

pub(super) use links;
