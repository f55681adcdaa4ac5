//! Transactions that know for whom they are.

use core_kernel::{PartnerId, TenantId, Timestamp};
use io_traces::spans;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use tracing::Span;

use crate::database::BEGIN_POOLED;
use crate::{Database, DbError};

/// A transaction in which row-level security shows the rows of one tenant.
///
/// The setting is made with `SET LOCAL`, in the round trip that begins the transaction: it ends
/// with it, and a sharded database propagates it (it would not propagate `set_config`).
#[derive(Debug)]
pub struct TenantTx {
    tenant: TenantId,
    transaction: Transaction<'static, Postgres>,
    /// As long as the transaction; it is not entered, since whoever holds it goes in and out.
    _span: Span,
}

impl TenantTx {
    /// Begins a transaction for `tenant`.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn begin(database: &Database, tenant: TenantId) -> Result<Self, DbError> {
        let span = spans::transaction();
        let transaction = begin_with(database, "tenant_id", tenant.0).await?;
        Ok(Self { tenant, transaction, _span: span })
    }

    /// The tenant whose rows this transaction sees.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The connection, for a store's statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Now, as the tenant sees it: the database's clock plus the offset of a sandbox.
    ///
    /// # Errors
    /// When the database fails or the tenant does not exist.
    pub async fn tenant_now(&mut self) -> Result<Timestamp, DbError> {
        let tenant = self.tenant.0;
        Ok(sqlx::query_scalar("select tenant_now($1)").bind(tenant).fetch_one(self.connection()).await?)
    }

    /// Makes everything durable; only after this may anything be acknowledged.
    ///
    /// # Errors
    /// When the commit fails; nothing was written then, or it is unknown.
    pub async fn commit(self) -> Result<(), DbError> {
        Ok(self.transaction.commit().await?)
    }

    /// Gives everything up. Dropping does the same, later.
    ///
    /// # Errors
    /// When the connection is gone, which gives everything up as well.
    pub async fn rollback(self) -> Result<(), DbError> {
        Ok(self.transaction.rollback().await?)
    }
}

/// A transaction in which a partner sees its own rows and the list of its tenants.
#[derive(Debug)]
pub struct PartnerTx {
    partner: PartnerId,
    transaction: Transaction<'static, Postgres>,
    _span: Span,
}

impl PartnerTx {
    /// Begins a transaction for `partner`.
    ///
    /// # Errors
    /// When no connection is to be had in time.
    pub async fn begin(database: &Database, partner: PartnerId) -> Result<Self, DbError> {
        let span = spans::transaction();
        let transaction = begin_with(database, "partner_id", partner.0).await?;
        Ok(Self { partner, transaction, _span: span })
    }

    /// The partner whose rows this transaction sees.
    #[must_use]
    pub fn partner(&self) -> PartnerId {
        self.partner
    }

    /// The connection, for a store's statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When the commit fails.
    pub async fn commit(self) -> Result<(), DbError> {
        Ok(self.transaction.commit().await?)
    }
}

/// A connection without a tenant: row-level security hides every tenant's rows from it. For the
/// cross-tenant functions and the installation's own tables. Each statement stands by itself, but where PgBouncer is
/// before the database all of them are one transaction: whoever writes ends with [`NoTenant::commit`].
#[derive(Debug)]
pub struct NoTenant(Held);

#[derive(Debug)]
enum Held {
    Connection(PoolConnection<Postgres>),
    Transaction(Transaction<'static, Postgres>),
}

impl NoTenant {
    /// Takes a connection from the pool.
    ///
    /// # Errors
    /// When none is to be had in time.
    pub async fn acquire(database: &Database) -> Result<Self, DbError> {
        if database.is_pooled() {
            let begun = database.in_time(async { Ok::<_, DbError>(database.pool().begin_with(BEGIN_POOLED).await?) });
            return Ok(Self(Held::Transaction(begun.await?)));
        }
        Ok(Self(Held::Connection(database.pool().acquire().await?)))
    }

    /// The connection, for a store's statements.
    pub fn connection(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Held::Connection(connection) => connection,
            Held::Transaction(transaction) => transaction,
        }
    }

    /// Sees to it that what was written stays; without it, what was written through PgBouncer is given up.
    ///
    /// # Errors
    /// When the commit fails.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.0 {
            Held::Connection(_) => Ok(()),
            Held::Transaction(transaction) => Ok(transaction.commit().await?),
        }
    }
}

async fn begin_with(
    database: &Database,
    setting: &'static str,
    value: uuid::Uuid,
) -> Result<Transaction<'static, Postgres>, DbError> {
    // A UUID prints as hexadecimal and hyphens: nothing can be injected.
    let begin = if database.is_pooled() { BEGIN_POOLED } else { "BEGIN" };
    let statement = AssertSqlSafe(format!("{begin}; SET LOCAL postern.{setting} = '{value}'"));
    database.in_time(async { Ok(database.pool().begin_with(statement).await?) }).await
}
