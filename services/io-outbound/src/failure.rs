//! Why there is no answer.

use thiserror::Error;

/// Why a request got no answer; sentences for whoever gave the URL. They tell nothing of the network
/// that this server stands in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// The name leads nowhere.
    #[error("The host's name could not be resolved.")]
    Name,
    /// The name leads to an address that is not of the public internet.
    #[error("The host's name leads to an address that is not on the public internet.")]
    Address,
    /// Nobody took the call.
    #[error("No connection could be made.")]
    Connect,
    /// TLS could not be agreed on.
    #[error("The connection could not be secured: {0}.")]
    Tls(String),
    /// It hung up, or spoke no HTTP/1.1.
    #[error("It did not answer in HTTP/1.1.")]
    Protocol,
    /// It answered with more than is read.
    #[error("Its answer is longer than {0} bytes.")]
    Size(usize),
    /// It took too long.
    #[error("It did not answer within {0} seconds.")]
    Time(u64),
}
