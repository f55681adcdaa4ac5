//! The pool; and what differs where PgBouncer stands before the database.
//!
//! In transaction mode it hands a client another session of the server's after every transaction, and the driver
//! speaks to a server in steps: it prepares a statement, waits, then runs it. Outside a transaction the second
//! step may find a session that knows nothing of the first, or knows another's statement by that name. So there
//! everything runs within a transaction, which begins by clearing the names that others left in its session
//! ([`BEGIN_POOLED`]), and no statement is remembered beyond it. Notifications do not pass at all: they come by
//! the direct way.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Postgres, Row as _, Transaction};

use crate::DbError;

/// How long the end waits for connections in use.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Names of statements are a session's; those that the last client left are in the way.
pub(crate) const BEGIN_POOLED: &str = "BEGIN; DEALLOCATE ALL";

/// What a connection was left with: an open transaction, and settings of the session.
const CLEAN: &str = "ROLLBACK; RESET ALL";
/// PgBouncer's sessions have settings that it keeps for all clients, and none of ours outlive a transaction.
const CLEAN_POOLED: &str = "ROLLBACK";
/// What is asked of connections that come back, each by a number of its own.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// A `postgres://` URL of the unprivileged role.
    pub url: String,
    /// The way past PgBouncer, where `url` is PgBouncer in transaction mode.
    pub direct_url: Option<String>,
    /// The most connections of the pool.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is answered UNAVAILABLE.
    pub acquire_timeout: Duration,
}

impl DatabaseOptions {
    /// The defaults: 16 connections, 1.5 s, so that a dead database is told of within 2 s.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), direct_url: None, max_connections: 16, acquire_timeout: Duration::from_millis(1500) }
    }
}

/// A pool of connections of the unprivileged role; cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    connect: PgConnectOptions,
    /// The way past PgBouncer, if that is what `connect` leads to.
    direct: Option<PgConnectOptions>,
    timeout: Duration,
}

/// The connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Handed out.
    pub in_use: usize,
    /// Open, and waiting to be.
    pub idle: usize,
    /// The most that there may be.
    pub most: usize,
}

impl Database {
    /// Prepares the pool; connections are made when they are needed, so that a server starts and
    /// recovers without the database.
    ///
    /// # Errors
    /// When the URL cannot be parsed.
    pub fn connect_lazy(options: &DatabaseOptions) -> Result<Self, DbError> {
        let timeout = options.acquire_timeout;
        let direct = options.direct_url.as_deref().map(|url| connect_to(url, 256)).transpose()?;
        let connect = connect_to(&options.url, if direct.is_some() { 0 } else { 256 })?;
        let cleaning = if direct.is_some() { CLEAN_POOLED } else { CLEAN };
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(timeout)
            .idle_timeout(Duration::from_mins(5))
            // The hook asks the same, and does not wait as long for the answer.
            .test_before_acquire(false)
            .before_acquire(move |connection, _| Box::pin(still_there(connection, timeout / 3)))
            .after_release(move |connection, _| Box::pin(clean(connection, cleaning, timeout)))
            .connect_lazy_with(connect.clone());
        Ok(Self { pool, connect, direct, timeout })
    }

    /// A connection outside the pool, for a worker that owns one (the combined login path), which uses it by
    /// [`Database::alone`].
    ///
    /// # Errors
    /// When the database cannot be reached within the acquire time-out.
    pub async fn dedicated(&self) -> Result<PgConnection, DbError> {
        match tokio::time::timeout(self.timeout, self.connect.connect()).await {
            Ok(connection) => Ok(connection?),
            Err(_elapsed) => Err(DbError(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Whether a connection of one's own still leads to the database: to be asked where it was left alone for a while,
    /// since one that was closed meanwhile fails whoever uses it next.
    pub async fn still_leads(&self, connection: &mut PgConnection) -> bool {
        still_there(connection, self.timeout / 3).await.is_ok()
    }

    /// What a connection of one's own is used for: one statement, which commits by itself; within a transaction
    /// where PgBouncer asks for one.
    ///
    /// # Errors
    /// When the transaction cannot be begun.
    pub async fn alone<'c>(&self, connection: &'c mut PgConnection) -> Result<Alone<'c>, DbError> {
        Ok(match self.direct {
            None => Alone(Way::Straight(connection)),
            Some(_) => Alone(Way::Pooled(connection.begin_with(BEGIN_POOLED).await?)),
        })
    }

    /// Whether PgBouncer stands before the database.
    pub(crate) fn is_pooled(&self) -> bool {
        self.direct.is_some()
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
        options
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.direct.as_ref().unwrap_or(&self.connect).clone())
    }

    /// The pool as it is now.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let (open, idle) = (self.pool.size() as usize, self.pool.num_idle());
        let most = self.pool.options().get_max_connections() as usize;
        PoolUse { in_use: open.saturating_sub(idle), idle, most }
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

/// The use of a connection for one statement.
#[derive(Debug)]
pub struct Alone<'c>(Way<'c>);

#[derive(Debug)]
enum Way<'c> {
    Straight(&'c mut PgConnection),
    Pooled(Transaction<'c, Postgres>),
}

impl Alone<'_> {
    /// The connection, for the statement.
    pub fn connection(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Way::Straight(connection) => connection,
            Way::Pooled(transaction) => transaction,
        }
    }

    /// Sees to it that what was written is durable; only after this may it be acknowledged.
    ///
    /// # Errors
    /// When the commit fails; it is unknown then whether anything was written.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.0 {
            Way::Straight(_) => Ok(()),
            Way::Pooled(transaction) => Ok(transaction.commit().await?),
        }
    }
}

fn connect_to(url: &str, statements: usize) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("postern");
    Ok(options.statement_cache_capacity(statements).disable_statement_logging())
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
/// A connection is given up that does not answer, since it would keep its place in the pool, and so is one
/// that answers something else than it was asked: a call that was dropped between question and answer
/// may leave the driver a step behind the server, so that everybody after it would read the answer before.
async fn clean(connection: &mut PgConnection, cleaning: &'static str, patience: Duration) -> Result<bool, sqlx::Error> {
    let asked = ASKED.fetch_add(1, Ordering::Relaxed).to_string();
    let question = AssertSqlSafe(format!("{cleaning}; SELECT '{asked}'"));
    let answer = sqlx::raw_sql(question).fetch_one(connection);
    let answer = tokio::time::timeout(patience, answer).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)??;
    if answer.try_get::<&str, _>(0)? == asked {
        Ok(true)
    } else {
        Err(sqlx::Error::Protocol("a connection answered another question".to_owned()))
    }
}
