//! The pool.

use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use crate::DbError;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// A `postgres://` URL of the unprivileged role.
    pub url: String,
    /// The most connections of the pool.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is answered UNAVAILABLE.
    pub acquire_timeout: Duration,
}

impl DatabaseOptions {
    /// The defaults: 16 connections, 1.5 s, so that a dead database is told of within 2 s.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_connections: 16, acquire_timeout: Duration::from_millis(1500) }
    }
}

/// A pool of connections of the unprivileged role; cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    connect: PgConnectOptions,
    timeout: Duration,
}

impl Database {
    /// Prepares the pool; connections are made when they are needed, so that a server starts and
    /// recovers without the database.
    ///
    /// # Errors
    /// When the URL cannot be parsed.
    pub fn connect_lazy(options: &DatabaseOptions) -> Result<Self, DbError> {
        let connect = PgConnectOptions::from_str(&options.url)?
            .application_name("postern")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(Duration::from_mins(5))
            .after_release(|connection, _| Box::pin(clean(connection)))
            .connect_lazy_with(connect.clone());
        Ok(Self { pool, connect, timeout: options.acquire_timeout })
    }

    /// A connection outside the pool, for a worker that owns one (the combined login path).
    ///
    /// # Errors
    /// When the database cannot be reached within the acquire time-out.
    pub async fn dedicated(&self) -> Result<PgConnection, DbError> {
        match tokio::time::timeout(self.timeout, self.connect.connect()).await {
            Ok(connection) => Ok(connection?),
            Err(_elapsed) => Err(DbError(sqlx::Error::PoolTimedOut)),
        }
    }

    /// How long a step may take before its caller is told UNAVAILABLE.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// Whatever a cancelled request left behind: dropping the future of `begin()` can return a
/// connection *inside an open transaction*, and the next borrower's acknowledged write would be
/// lost with it. Not DISCARD ALL: it breaks the driver's statement cache.
async fn clean(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::raw_sql("ROLLBACK; RESET ALL").execute(connection).await?;
    Ok(true)
}
