//! Names to addresses, as a parameter: the answer of a name service is somebody else's to give.

use std::io;
use std::net::IpAddr;

use futures::future::BoxFuture;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses, the preferred first.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// As this machine resolves names.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        // The port is only asked for because sockets have one.
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 443)).await?.map(|found| found.ip()).collect()) })
    }
}
