//! The pool.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use crate::DbError;

/// How long the end waits for connections in use.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

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
        let timeout = options.acquire_timeout;
        let connect = PgConnectOptions::from_str(&options.url)?
            .application_name("postern")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(timeout)
            .idle_timeout(Duration::from_mins(5))
            // The hook asks the same, and does not wait as long for the answer.
            .test_before_acquire(false)
            .before_acquire(move |connection, _| Box::pin(still_there(connection, timeout / 3)))
            .after_release(move |connection, _| Box::pin(clean(connection, timeout)))
            .connect_lazy_with(connect.clone());
        Ok(Self { pool, connect, timeout })
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

    /// Runs what waits for the database, no longer than its caller is meant to wait. The pool looks
    /// after connections that are taken from it; one that falls silent in mid-statement would hold
    /// its caller until TCP gives it up, minutes later.
    ///
    /// # Errors
    /// Those of `work`, and UNAVAILABLE where it takes too long.
    pub async fn in_time<T, E: From<DbError>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        // Boxed: the stack would hold it twice, once as it is given and once as it is run.
        match tokio::time::timeout(self.timeout, Box::pin(work)).await {
            Ok(result) => result,
            Err(_elapsed) => Err(DbError(sqlx::Error::PoolTimedOut).into()),
        }
    }

    /// One connection that is not taken from the pool, as a pool: for a listener, which keeps it.
    pub(crate) fn pool_of_one(&self) -> PgPool {
        let options = PgPoolOptions::new().max_connections(1).acquire_timeout(self.timeout);
        options.max_lifetime(None).idle_timeout(None).connect_lazy_with(self.connect.clone())
    }

    /// How long a step may take before its caller is told UNAVAILABLE.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Closes all connections, waiting for those in use; one that fell silent would be in use for ever,
    /// so that nobody waits longer than 5 s.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_WITHIN, self.pool.close()).await.is_err() {
            tracing::warn!("some connections to the database were in use to the end");
        }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// A database that went away without a word leaves idle connections that nobody closes. Each is found
/// out here, quickly enough that the call which met it can still connect anew.
async fn still_there(connection: &mut PgConnection, patience: Duration) -> Result<bool, sqlx::Error> {
    tokio::time::timeout(patience, connection.ping()).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
    Ok(true)
}

/// Whatever a cancelled request left behind: dropping the future of `begin()` can return a
/// connection *inside an open transaction*, and the next borrower's acknowledged write would be
/// lost with it. Not DISCARD ALL: it breaks the driver's statement cache.
///
/// A connection that does not answer is given up: it would keep its place in the pool.
async fn clean(connection: &mut PgConnection, patience: Duration) -> Result<bool, sqlx::Error> {
    let cleaning = sqlx::raw_sql("ROLLBACK; RESET ALL").execute(connection);
    tokio::time::timeout(patience, cleaning).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
    Ok(true)
}
