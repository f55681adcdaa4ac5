//! The one connection of a process, over which all its questions go without waiting for each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::options::RedisOptions;

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(250);
/// How long an attempt may take, beside the time that one answer may.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

pub(super) struct Connection {
    client: Client,
    /// How long an answer is waited for.
    patience: Duration,
    now: Mutex<Option<Live>>,
    given_up: Notify,
    lost: AtomicU64,
}

#[derive(Clone)]
pub(super) struct Live {
    pub(super) redis: MultiplexedConnection,
    /// Which one it is: many questions may fail on one, which is given up once.
    pub(super) number: u64,
}

impl Connection {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, super::RedisError> {
        let client = Client::open(options.url.expose().as_str())?;
        let (patience, lost) = (options.timeout, AtomicU64::new(0));
        Ok(Self { client, patience, now: Mutex::new(None), given_up: Notify::new(), lost })
    }

    /// The connection there is now.
    pub(super) fn current(&self) -> Option<Live> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the answer to a question that was put over the connection of this number; nothing where it
    /// does not come in time.
    pub(super) async fn answer<T>(&self, number: u64, question: impl Future<Output = RedisResult<T>>) -> Option<T> {
        match timeout(self.patience, question).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => self.give_up(number, &why(&error)),
            Err(_elapsed) => self.give_up(number, "it did not answer in time"),
        }
        None
    }

    fn give_up(&self, number: u64, why: &str) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.as_ref().is_none_or(|live| live.number != number) {
            return;
        }
        *now = None;
        drop(now);
        self.lost.fetch_add(1, Ordering::Relaxed);
        self.given_up.notify_one();
        tracing::warn!(why, "the shared limits are away: each process holds its share of every limit");
    }

    /// Connects, unless there is a connection; whether there is one then.
    pub(super) async fn connect(&self) -> bool {
        if self.is_there() {
            return true;
        }
        let Ok(Ok(redis)) = timeout(CONNECT_WITHIN + self.patience, self.begin()).await else { return false };
        let number = self.lost.load(Ordering::Relaxed);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Some(Live { redis, number });
        tracing::info!("the shared limits are there");
        true
    }

    /// A connection that was answered on in time: one that is slow would be given up at once.
    async fn begin(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(CONNECT_WITHIN));
        let mut redis = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        match timeout(self.patience, redis::cmd("PING").query_async::<()>(&mut redis)).await {
            Ok(answered) => answered.map(|()| redis),
            Err(_elapsed) => Err(RedisError::from((redis::ErrorKind::Io, "it did not answer in time"))),
        }
    }

    /// Sees to it that there is a connection, until the task is dropped.
    pub(super) async fn keep(&self) {
        loop {
            if self.connect().await {
                self.given_up.notified().await;
            } else {
                sleep(PAUSE).await;
            }
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.current().is_some()
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// What went wrong, without what was asked: that has users' names in it.
fn why(error: &RedisError) -> String {
    error.code().map_or_else(|| error.category().to_owned(), str::to_owned)
}
