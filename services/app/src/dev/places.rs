//! The ports of `dev`, taken before anything else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::config::{Config, HostPort};

/// How often, and after how long each time, the demo's port is tried.
const TRIES: u32 = 20;
const STEP: Duration = Duration::from_millis(100);

/// Where the server listens, and where the demo's website will.
pub(super) struct Places {
    listeners: Vec<TcpListener>,
    demo: HostPort,
}

impl Places {
    /// Takes the ports; the configuration then holds those that were free where it said any.
    pub(super) async fn take(config: &mut Config) -> anyhow::Result<Self> {
        let listeners = edge_http::bind(&both_loopbacks(&config.listen)).await?;
        config.listen = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let demo = HostPort { port: free_port(&config.demo_listen).await?, ..config.demo_listen.clone() };
        Ok(Self { listeners, demo })
    }

    /// Where a browser finds the demo's website.
    pub(super) fn demo_url(&self) -> String {
        demo_url(&self.demo)
    }

    pub(super) fn split(self) -> (Vec<TcpListener>, HostPort) {
        (self.listeners, self.demo)
    }
}

pub(super) fn demo_url(demo: &HostPort) -> String {
    if demo.host.contains(':') {
        return format!("http://[{}]:{}", demo.host, demo.port);
    }
    format!("http://{}:{}", demo.host, demo.port)
}

/// A browser that is told `localhost` may try either address of this machine: whoever asks for one gets both.
fn both_loopbacks(asked: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut all = asked.to_vec();
    for address in asked {
        let other: IpAddr = match address.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) => Ipv6Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv4Addr::LOCALHOST.into(),
            _ => continue,
        };
        let other = SocketAddr::new(other, address.port());
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

/// The demo's port. Its process takes it later; here it is only tried.
async fn free_port(place: &HostPort) -> anyhow::Result<u16> {
    let addresses = match place.host.as_str() {
        "localhost" => both_loopbacks(&[SocketAddr::from(([127, 0, 0, 1], place.port))]),
        host => match host.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, place.port)],
            Err(_) => return Ok(place.port),
        },
    };
    match bind_patiently(&addresses).await {
        Some(listeners) => {
            Ok(listeners.first().and_then(|one| one.local_addr().ok()).map_or(place.port, |at| at.port()))
        }
        None => anyhow::bail!(
            "port {} is in use, which the demo's website needs: stop what listens there, or choose another with \
             POSTERN_DEMO__LISTEN={}:{}",
            place.port,
            place.host,
            place.port.wrapping_add(1)
        ),
    }
}

/// The website of a server that was killed a moment ago ends by itself, a little later than the server.
async fn bind_patiently(addresses: &[SocketAddr]) -> Option<Vec<TcpListener>> {
    for _ in 0..TRIES {
        if let Ok(listeners) = edge_http::bind(addresses).await {
            return Some(listeners);
        }
        tokio::time::sleep(STEP).await;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loopback_brings_the_other() {
        let both = both_loopbacks(&["127.0.0.1:80".parse().unwrap()]);
        assert_eq!(both, ["127.0.0.1:80".parse().unwrap(), "[::1]:80".parse().unwrap()]);
        assert_eq!(both_loopbacks(&both), both);
        let all = ["0.0.0.0:80".parse().unwrap()];
        assert_eq!(both_loopbacks(&all), all);
    }

    #[tokio::test]
    async fn a_port_in_use_names_the_setting() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = HostPort { host: "localhost".into(), port: taken.local_addr().unwrap().port() };
        let error = free_port(&place).await.unwrap_err().to_string();
        assert!(error.contains("POSTERN_DEMO__LISTEN"), "{error}");
    }

    #[tokio::test]
    async fn a_port_that_is_given_up_in_a_moment_is_waited_for() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        tokio::spawn(async move {
            tokio::time::sleep(STEP).await;
            drop(taken);
        });
        assert_eq!(free_port(&HostPort { host: "localhost".into(), port }).await.unwrap(), port);
    }
}
