//! Listening and stopping. axum's own server neither bounds how long a client may take over its
//! headers nor stops while a client keeps a connection open; this one does both.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::{self, UpgradeableConnection};
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::envelope::Peer;

/// Cuts the connection of a request off, whatever it is in the middle of.
#[derive(Debug, Clone)]
pub(crate) struct HangUp(pub(crate) CancellationToken);

/// How long a connection may wait for, or take over, the headers of the next request.
const HEADERS_WITHIN: Duration = Duration::from_secs(60);
/// The longest headers, all together.
const MAX_HEADERS: usize = 64 * 1024;
/// After a failed accept, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(100);

/// Why an address cannot be listened on, as a sentence for the person at the terminal.
#[derive(Debug)]
pub struct ListenError(String);

impl std::fmt::Display for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ListenError {}

/// Listens on all of these addresses. One that this machine does not have (`::1` without IPv6) is
/// left out, as long as another is there. Port 0 takes a free one, the same for all.
///
/// # Errors
/// When a port is taken, may not be used, or no address exists.
pub async fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut missing = None;
    for address in addresses {
        let mut address = *address;
        if let (0, Some(Ok(first))) = (address.port(), listeners.first().map(TcpListener::local_addr)) {
            address.set_port(first.port());
        }
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_no_such_address(&error) => missing = Some(sentence(address, &error)),
            Err(error) => return Err(sentence(address, &error)),
        }
    }
    match missing {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

fn is_no_such_address(error: &io::Error) -> bool {
    // EAFNOSUPPORT has no kind of its own.
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(97)
}

fn sentence(address: SocketAddr, error: &io::Error) -> ListenError {
    ListenError(match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {} is in use: stop what listens there, or choose another with POSTERN_LISTEN=127.0.0.1:{}",
            address.port(),
            address.port().wrapping_add(1)
        ),
        io::ErrorKind::PermissionDenied => format!("this user may not listen on port {}", address.port()),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// A server at work.
pub struct Server {
    listeners: Vec<TcpListener>,
    router: Router,
}

impl Server {
    /// A server of these routes.
    #[must_use]
    pub fn new(listeners: Vec<TcpListener>, router: Router) -> Self {
        Self { listeners, router }
    }

    /// Serves until `stop`, then answers what was begun and returns; whatever is still open
    /// `within` that time is cut off.
    pub async fn run(self, stop: CancellationToken, within: Duration) {
        let connections = Connections { stop: stop.clone(), tasks: TaskTracker::new() };
        let router = self.router;
        let accepting = self.listeners.into_iter().map(|listener| accept(listener, &router, &connections, &stop));
        futures::future::join_all(accepting).await;
        connections.tasks.close();
        if tokio::time::timeout(within, connections.tasks.wait()).await.is_err() {
            tracing::warn!("connections were still open when the time to stop was up");
        }
    }
}

/// The connections of a server.
struct Connections {
    stop: CancellationToken,
    tasks: TaskTracker,
}

async fn accept(listener: TcpListener, router: &Router, connections: &Connections, stop: &CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => serve(stream, peer, router.clone(), connections),
            Err(error) => {
                tracing::warn!(error = %error, "could not accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn serve(stream: TcpStream, peer: SocketAddr, router: Router, connections: &Connections) {
    // An answer is one small write: waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let hang_up = CancellationToken::new();
    let hung_up = hang_up.clone();
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(HangUp(hang_up.clone()));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    connections.tasks.spawn(carry(connection, hung_up, connections.stop.clone()));
}

/// Carries a connection to its end: its own, ours, or that of a WebSocket's handshake, which goes on
/// by itself.
async fn carry<S>(
    connection: UpgradeableConnection<TokioIo<TcpStream>, S>,
    hung_up: CancellationToken,
    stop: CancellationToken,
) where
    S: HttpService<Incoming, ResBody = Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = pin!(connection);
    let mut is_stopping = false;
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = hung_up.cancelled() => return,
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_one_clear_sentence() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = bind(&[taken.local_addr().unwrap()]).await.unwrap_err().to_string();
        assert!(error.contains("is in use") && error.contains("POSTERN_LISTEN"), "{error}");
    }

    #[tokio::test]
    async fn all_addresses_share_a_free_port() {
        let listeners = bind(&["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()]).await.unwrap();
        let ports: Vec<u16> = listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        assert!(ports.iter().all(|port| *port == ports[0] && *port != 0), "{ports:?}");
    }
}
