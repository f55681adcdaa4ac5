//! The way out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use core_kernel::Redacted;
use http_body_util::Full;
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Method, Request, StatusCode};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::exchange::{Heard, exchange};
use crate::target::Called;
use crate::{Failure, Resolver, Rules, SystemResolver, Target, system_roots, tls_config};

/// Of a name's addresses so many are tried.
const MAX_ADDRESSES: usize = 4;

/// How requests go out.
#[derive(Clone)]
pub struct OutboundOptions {
    /// What may be called.
    pub rules: Rules,
    /// How names are resolved.
    pub resolver: Arc<dyn Resolver>,
    /// Whom to trust.
    pub tls: Arc<ClientConfig>,
    /// How long one request may take, from the name's look-up to the answer's end.
    pub time_limit: Duration,
    /// How much of an answer's body is read.
    pub max_answer_bytes: usize,
    /// What this server calls itself.
    pub user_agent: &'static str,
}

impl OutboundOptions {
    /// Names and certificate authorities of this machine, 10 s, 16 KiB.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            resolver: Arc::new(SystemResolver),
            tls: tls_config(system_roots()),
            time_limit: Duration::from_secs(10),
            max_answer_bytes: 16 << 10,
            user_agent: "Postern",
        }
    }
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As it was given: also one that says no, or leads elsewhere.
    pub status: StatusCode,
    /// All of it.
    pub body: Vec<u8>,
}

/// Calls what tenants named. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<OutboundOptions>);

impl Outbound {
    /// A way out.
    #[must_use]
    pub fn new(options: OutboundOptions) -> Self {
        Self(Arc::new(options))
    }

    /// What may be called.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.0.rules
    }

    /// How long one request may take.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.0.time_limit
    }

    /// Posts JSON; the status of the answer, whatever it is. Redirects are answers like others.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_json(
        &self,
        target: &Target,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<StatusCode, Failure> {
        let mut request = self.request(Method::POST, target).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(self.call(target, request, body).await?.status)
    }

    /// Fetches what is there: the answer's status and body. Redirects are answers like others, and are
    /// not followed.
    ///
    /// # Errors
    /// When there is no answer, or it is longer than is read.
    pub async fn get(&self, target: &Target, accept: &'static str) -> Result<Answer, Failure> {
        self.get_as(target, accept, None).await
    }

    /// The same, showing this in `Authorization`, if anything.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn get_as(
        &self,
        target: &Target,
        accept: &'static str,
        authorization: Option<&Redacted<String>>,
    ) -> Result<Answer, Failure> {
        let request = self.request(Method::GET, target).header(ACCEPT, accept);
        self.answer(target, authorized(request, authorization)?, Bytes::new()).await
    }

    /// Posts a form; the answer's status and body, which is expected to be JSON.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post_form(
        &self,
        target: &Target,
        authorization: Option<&Redacted<String>>,
        form: &Redacted<String>,
    ) -> Result<Answer, Failure> {
        let request = self.request(Method::POST, target).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.answer(target, authorized(request, authorization)?, Bytes::from(form.expose().clone())).await
    }

    async fn answer(&self, target: &Target, request: Builder, body: Bytes) -> Result<Answer, Failure> {
        let heard = self.call(target, request, body).await?;
        Ok(Answer { status: heard.status, body: heard.body? })
    }

    fn request(&self, method: Method, target: &Target) -> Builder {
        Request::builder()
            .method(method)
            .uri(target.path_and_query())
            .header(HOST, target.authority())
            .header(USER_AGENT, self.0.user_agent)
            .header(CONNECTION, "close")
    }

    async fn call(&self, target: &Target, request: Builder, body: Bytes) -> Result<Heard, Failure> {
        let request = request.body(Full::new(body)).map_err(|_| Failure::Protocol)?;
        let call = tokio::time::timeout(self.0.time_limit, self.send(target, request));
        call.await.unwrap_or(Err(Failure::Time(self.0.time_limit.as_secs())))
    }

    async fn send(&self, target: &Target, request: Request<Full<Bytes>>) -> Result<Heard, Failure> {
        let stream = self.dial(target).await?;
        if target.is_https() {
            let secured = self.secure(target, stream).await?;
            exchange(secured, request, self.0.max_answer_bytes).await
        } else {
            exchange(stream, request, self.0.max_answer_bytes).await
        }
    }

    /// Connects to an address that has been judged a moment ago, and to no other.
    async fn dial(&self, target: &Target) -> Result<TcpStream, Failure> {
        let mut addresses = self.addresses(target).await?;
        if addresses.is_empty() {
            return Err(Failure::Name);
        }
        addresses.retain(|address| self.0.rules.allow(*address));
        addresses.truncate(MAX_ADDRESSES);
        if addresses.is_empty() {
            return Err(Failure::Address);
        }
        // One that swallows what it is sent must leave time for the others.
        let share = self.0.time_limit.div_f64(addresses.len() as f64 + 1.0);
        for address in addresses {
            let connecting = TcpStream::connect((address, target.port()));
            if let Ok(Ok(stream)) = tokio::time::timeout(share, connecting).await {
                return Ok(stream);
            }
        }
        Err(Failure::Connect)
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, Failure> {
        match target.called().ok_or(Failure::Name)? {
            Called::Address(address) => Ok(vec![address]),
            Called::Name(name) => self.0.resolver.resolve(name).await.map_err(|_| Failure::Name),
        }
    }

    async fn secure(&self, target: &Target, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let name = match target.called().ok_or(Failure::Name)? {
            Called::Address(address) => ServerName::IpAddress(address.into()),
            Called::Name(name) => ServerName::try_from(name.to_owned()).map_err(|_| Failure::Name)?,
        };
        let secured = TlsConnector::from(self.0.tls.clone()).connect(name, stream).await;
        secured.map_err(|error| Failure::Tls(error.to_string()))
    }
}

fn authorized(request: Builder, authorization: Option<&Redacted<String>>) -> Result<Builder, Failure> {
    let Some(authorization) = authorization else { return Ok(request) };
    let mut value = HeaderValue::try_from(authorization.expose()).map_err(|_| Failure::Protocol)?;
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}
