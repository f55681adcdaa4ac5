//! Asking by HTTP, with an answer to the one question that matters: was anything handed over?

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use url::{Host, Url};

/// A connection that does not come about in this time was surely not used.
const CONNECT: Duration = Duration::from_secs(2);
/// From the first byte to the last; after it the message is in doubt.
const WHOLE: Duration = Duration::from_secs(5);
/// Servers close idle connections after a minute or so; ours are given up before.
const IDLE: Duration = Duration::from_secs(20);
/// Of an answer more is not read.
const MAX_ANSWER: usize = 64 * 1024;

/// The one client of a process: connections are kept and shared.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .pool_idle_timeout(IDLE)
        // A body with a code in it goes to the address that the operator wrote, and nowhere else.
        .redirect(Policy::none())
        .user_agent(concat!("postern/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// A server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Empty where it broke off: the status is what counts.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The request surely did not reach the server.
    NotSent(String),
    /// It may have.
    Unknown(String),
}

pub(crate) async fn ask(request: RequestBuilder) -> Result<Answer, NoAnswer> {
    let mut response = request.send().await.map_err(|error| no_answer(&error))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            break;
        }
    }
    Ok(Answer { status, body })
}

fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_connect() || error.is_builder() {
        NoAnswer::NotSent("no connection could be made".to_owned())
    } else if error.is_timeout() {
        NoAnswer::Unknown("there was no answer in time".to_owned())
    } else {
        NoAnswer::Unknown("the connection broke before the answer".to_owned())
    }
}

/// Whether secrets and codes may be sent there: encrypted, or not leaving this machine.
pub(crate) fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_do_not_cross_a_network_in_the_open() {
        for (url, fine) in [
            ("https://api.example.com", true),
            ("http://127.0.0.1:9", true),
            ("http://[::1]:9", true),
            ("http://localhost:9", true),
            ("http://api.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(is_private(&url.parse().unwrap()), fine, "{url}");
        }
    }

    /// The TLS library panics at the first connection where it was built without a provider.
    #[tokio::test]
    async fn a_tls_connection_to_nobody_is_surely_not_sent() {
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let request = client().unwrap().post(format!("https://127.0.0.1:{port}/"));
        assert!(matches!(ask(request).await, Err(NoAnswer::NotSent(_))));
    }

    #[tokio::test]
    async fn a_server_that_reads_and_hangs_up_leaves_a_doubt() {
        use tokio::io::AsyncReadExt as _;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut some = [0; 16];
            let _ = stream.read(&mut some).await;
        });
        let request = client().unwrap().post(format!("http://127.0.0.1:{port}/")).body("x".repeat(100));
        assert!(matches!(ask(request).await, Err(NoAnswer::Unknown(_))));
    }
}
