//! Which Redis, and how far it is trusted.

use std::fmt;
use std::time::Duration;

use core_kernel::Redacted;

/// How the shared memory is reached.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// `redis://USER:PASSWORD@HOST:PORT/DATABASE`, or `rediss://…` with TLS, or `redis+unix:///PATH`.
    pub url: Redacted<String>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Where it does not answer, and while it is young, each process lets through so many percent of
    /// each limit by itself.
    pub local_percent: u8,
    /// How long it is not believed alone after it began to remember: what it owed before is forgotten.
    pub young_for: Duration,
}

impl RedisOptions {
    /// The defaults: 50 ms, half of each limit, 2 minutes, in which the default bursts come back.
    #[must_use]
    pub fn new(url: Redacted<String>) -> Self {
        Self { url, timeout: Duration::from_millis(50), local_percent: 50, young_for: Duration::from_secs(120) }
    }
}

/// Why an address cannot be used; without the address, which may hold a password.
#[derive(Debug)]
pub struct RedisError(redis::RedisError);

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.category())
    }
}

impl std::error::Error for RedisError {}

impl From<redis::RedisError> for RedisError {
    fn from(error: redis::RedisError) -> Self {
        Self(error)
    }
}
