//! The way to the database, which can fall silent: what a cut cable, a lost route or a failover to
//! another machine looks like from here. Nothing is refused and nothing is closed; there is no answer.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use url::Url;

/// How often a connection looks whether it was silenced.
const STEP: Duration = Duration::from_millis(5);

/// A proxy in front of the database.
pub struct Road {
    /// The database, by this road.
    pub url: String,
    /// Connections with a smaller number are silent, and stay so.
    silent_below: Arc<AtomicU64>,
    opened: Arc<AtomicU64>,
    /// While it is set, new ones are silent too.
    blocked: Arc<AtomicU64>,
}

impl Road {
    /// A road to the database of this URL.
    pub async fn to(url: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (target, mut by_road): (Url, Url) = (url.parse().unwrap(), url.parse().unwrap());
        by_road.set_query(None);
        by_road.set_host(Some("127.0.0.1")).unwrap();
        by_road.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let road =
            Self { url: by_road.into(), silent_below: Arc::default(), opened: Arc::default(), blocked: Arc::default() };
        let (silent_below, opened, blocked) = (road.silent_below.clone(), road.opened.clone(), road.blocked.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (number, silent_below) = (opened.fetch_add(1, Ordering::SeqCst), silent_below.clone());
                let silent = blocked.load(Ordering::SeqCst) == 1;
                tokio::spawn(carry(client, target.clone(), move || {
                    silent || number < silent_below.load(Ordering::SeqCst)
                }));
            }
        });
        road
    }

    /// Silences every connection there is, for good.
    pub fn silence(&self) {
        self.silent_below.store(self.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Whether connections that are made from now on are silent from the beginning.
    pub fn block(&self, blocked: bool) {
        self.blocked.store(blocked.into(), Ordering::SeqCst);
    }
}

async fn carry(client: TcpStream, target: Url, silent: impl Fn() -> bool + Clone) {
    let socket = target.query_pairs().find(|(key, _)| key == "host").map(|(_, folder)| folder.into_owned());
    let port = target.port().unwrap_or(5432);
    let (from_client, to_client) = client.into_split();
    if let Some(folder) = socket {
        let (from_server, to_server) =
            UnixStream::connect(format!("{folder}/.s.PGSQL.{port}")).await.unwrap().into_split();
        tokio::join!(copy(from_client, to_server, silent.clone()), copy(from_server, to_client, silent));
    } else {
        let (from_server, to_server) =
            TcpStream::connect((target.host_str().unwrap(), port)).await.unwrap().into_split();
        tokio::join!(copy(from_client, to_server, silent.clone()), copy(from_server, to_client, silent));
    }
}

async fn copy(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, silent: impl Fn() -> bool) {
    let mut buffer = vec![0; 1 << 14];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        while silent() {
            tokio::time::sleep(STEP).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
