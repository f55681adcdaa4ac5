//! HTTP to the collector, by the client that the house has. The SDK's thread has no runtime: a request is
//! made on the process's own, and waited for outside it.

use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// Beyond this the collector is taken for gone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Sends on `runtime`.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    runtime: Handle,
}

impl Client {
    /// A client that follows nobody elsewhere.
    ///
    /// # Errors
    /// When TLS cannot be had.
    pub(crate) fn new(runtime: Handle) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, runtime })
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let sending = self.http.clone();
        let answer = self.runtime.spawn(async move { sending.execute(request).await }).await??;
        // What a collector writes beside its status changes nothing here, and is not read.
        let mut told = Response::new(Bytes::new());
        *told.status_mut() = answer.status();
        Ok(told)
    }
}
