//! One conversation with a mail server.

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use crate::providers::Outcome;

/// When a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// From the first byte (`smtps`).
    Wrapped,
    /// By STARTTLS, or not at all.
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    /// Never.
    None,
}

/// How a server is reached.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) tls: Option<TlsParameters>,
    pub(super) credentials: Option<Credentials>,
}

/// Why a step did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server answered with a no.
    Answer { permanent: bool, text: String },
    /// No connection, or it broke, or time ran out.
    Broken(String),
}

impl Failure {
    /// Nothing was handed over yet.
    pub(super) fn before_the_text(self) -> Outcome {
        match self {
            Self::Answer { permanent: true, text } => Outcome::Refused(text),
            Self::Answer { permanent: false, text } => Outcome::NotNow(text),
            Self::Broken(text) => Outcome::NotNow(format!("{text}.")),
        }
    }

    /// Some or all of the text may have been.
    pub(super) fn within_the_text(self) -> Outcome {
        match self {
            Self::Broken(text) => Outcome::InDoubt(format!("{text}; it may have been sent.")),
            answer => answer.before_the_text(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.status() {
            Some(code) => Self::Answer {
                permanent: error.is_permanent(),
                text: format!("The mail server answered {code}: {}", innermost(&error)),
            },
            None => Self::Broken(format!("The mail server could not be reached ({})", innermost(&error))),
        }
    }
}

/// What the server or the system said, without the library's own words around it.
fn innermost(error: &Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

impl Server {
    /// Connects, encrypts, signs in.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::default();
        let wrapped = self.tls.clone().filter(|_| self.encryption == Encryption::Wrapped);
        let address = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(address, None, &hello, wrapped, None).await?;
        self.encrypt(&mut connection, &hello).await?;
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    async fn encrypt(&self, connection: &mut AsyncSmtpConnection, hello: &ClientId) -> Result<(), Failure> {
        let Some(tls) = &self.tls else { return Ok(()) };
        match self.encryption {
            Encryption::Wrapped | Encryption::None => Ok(()),
            Encryption::Required | Encryption::Opportunistic if connection.can_starttls() => {
                Ok(connection.starttls(tls.clone(), hello).await?)
            }
            Encryption::Opportunistic => Ok(()),
            Encryption::Required => Err(Failure::Broken("The mail server offers no encryption".to_owned())),
        }
    }
}

/// Until the server waits for the text.
pub(super) async fn begin_mail(connection: &mut AsyncSmtpConnection, envelope: &Envelope) -> Result<(), Failure> {
    connection.command(Mail::new(envelope.from().cloned(), Vec::new())).await?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await?;
    }
    connection.command(Data).await?;
    Ok(())
}

/// The text, and the server's word that it has it.
pub(super) async fn hand_over(connection: &mut AsyncSmtpConnection, text: &[u8]) -> Result<String, Failure> {
    let answer = connection.message(text).await?;
    Ok(answer.message().collect::<Vec<_>>().join(" "))
}
