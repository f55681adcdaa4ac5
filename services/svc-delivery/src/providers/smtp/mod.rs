//! Mail by SMTP, over a few connections that are kept.
//!
//! The steps of a conversation are taken one by one instead of by the library's `send`, because it
//! matters *where* one breaks off: until the server has said 354 nothing was handed over, and trying
//! again is safe; from the first byte of the text to the final answer nobody knows.

mod compose;
mod config;
mod connection;

use std::sync::Mutex;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::Instant;

pub use config::{SmtpConfigError, SmtpOptions};
use connection::{Failure, Server};

use super::{Outcome, Outgoing, Provider};

/// Servers close idle connections after some minutes; ours are given up before.
const IDLE: Duration = Duration::from_secs(50);
/// All steps but the text together.
const PREPARE: Duration = Duration::from_secs(10);
/// The text and its answer; after it the message is in doubt.
const HAND_OVER: Duration = Duration::from_secs(5);

/// One mail server.
pub(crate) struct Smtp {
    server: Server,
    from: Address,
    idle: Mutex<Vec<(Instant, AsyncSmtpConnection)>>,
}

impl Smtp {
    pub(crate) fn new(options: &SmtpOptions) -> Result<Self, SmtpConfigError> {
        Ok(Self { server: config::server(options)?, from: config::sender(options)?, idle: Mutex::default() })
    }

    async fn deliver(&self, message: &Outgoing) -> Outcome {
        let mail = match compose::mail(&self.from, message) {
            Ok(mail) => mail,
            Err(error) => return Outcome::Refused(format!("The mail could not be written: {error}.")),
        };
        let mut connection = match within(PREPARE, self.begin(&mail)).await {
            Ok(connection) => connection,
            Err(failure) => return failure.before_the_text(),
        };
        let answer = within(HAND_OVER, connection::hand_over(&mut connection, &mail.text)).await;
        match answer {
            Ok(reference) => {
                self.keep(connection);
                Outcome::Accepted(Some(reference))
            }
            Err(failure) => failure.within_the_text(),
        }
    }

    /// A connection on which the server is waiting for the text.
    async fn begin(&self, mail: &compose::Mail) -> Result<AsyncSmtpConnection, Failure> {
        // One that was kept may have been closed by the server meanwhile: then a new one, once.
        if let Some(mut kept) = self.take() {
            match connection::begin_mail(&mut kept, &mail.envelope).await {
                Ok(()) => return Ok(kept),
                Err(refused @ Failure::Answer { permanent: true, .. }) => return Err(refused),
                Err(_closed) => {}
            }
        }
        let mut fresh = self.server.connect().await?;
        connection::begin_mail(&mut fresh, &mail.envelope).await?;
        Ok(fresh)
    }

    fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        idle.retain(|(since, _)| since.elapsed() < IDLE);
        idle.pop().map(|(_, connection)| connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if !connection.has_broken() {
            let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            idle.push((Instant::now(), connection));
        }
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result,
        Err(_elapsed) => Err(Failure::Broken("The mail server did not answer in time".to_owned())),
    }
}

impl Provider for Smtp {
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        self.deliver(message).boxed()
    }
}
