//! A collector: takes OTLP over HTTP, and remembers spans and metrics.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes what comes.
    Takes,
    /// Answers 503.
    Refuses,
    /// Reads, and never answers.
    Hangs,
}

#[derive(Default)]
struct Taken {
    /// Requests of any kind, also those that were not taken.
    asked: usize,
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    raw: Vec<Bytes>,
    authorization: Option<String>,
}

impl Taken {
    /// What said who it was, with each request.
    fn resources(&self) -> impl Iterator<Item = &Resource> {
        let traces = self.traces.iter().flat_map(|request| &request.resource_spans);
        let metrics = self.metrics.iter().flat_map(|request| &request.resource_metrics);
        let metrics = metrics.filter_map(|metrics| metrics.resource.as_ref());
        traces.filter_map(|spans| spans.resource.as_ref()).chain(metrics)
    }
}

/// The collector; it stops when it is dropped.
pub struct CollectorStandIn {
    address: SocketAddr,
    taken: Arc<Mutex<Taken>>,
    task: JoinHandle<()>,
}

impl CollectorStandIn {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(Mutex::new(Taken::default()));
        let task = tokio::spawn(serve(listener, behaviour, taken.clone()));
        Self { address, taken, task }
    }

    /// Its address, for `traces.endpoint` and `metrics.endpoint`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = taken.traces.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The metrics of the last request that brought any.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = taken.metrics.last().into_iter().flat_map(|request| &request.resource_metrics);
        resources.flat_map(|resource| &resource.scope_metrics).flat_map(|scope| scope.metrics.clone()).collect()
    }

    /// The processes' names, with each request.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let attributes = taken.resources().flat_map(|resource| &resource.attributes);
        attributes.filter(|pair| pair.key == "service.name").map(|pair| text(pair.value.as_ref())).collect()
    }

    /// The last `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> Option<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).authorization.clone()
    }

    /// Whether these bytes came in any request, wherever they stand.
    #[must_use]
    pub fn has_bytes(&self, wanted: &str) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = wanted.as_bytes();
        taken.raw.iter().any(|raw| raw.windows(wanted.len()).any(|window| window == wanted))
    }

    /// Waits until spans satisfy `enough`; those.
    ///
    /// # Panics
    /// When they have not after twenty seconds.
    pub async fn wait_for(&self, what: &str, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        wait_until(|| enough(&self.spans()))
            .await
            .unwrap_or_else(|_| panic!("no {what} among {:?}", names(&self.spans())));
        self.spans()
    }

    /// The same, of the metrics of the last request.
    ///
    /// # Panics
    /// When they have not after twenty seconds.
    pub async fn wait_for_metrics(&self, what: &str, enough: impl Fn(&[Metric]) -> bool) -> Vec<Metric> {
        wait_until(|| enough(&self.metrics())).await.unwrap_or_else(|_| panic!("no {what}"));
        self.metrics()
    }

    /// Waits until it was asked so often, whatever it answered.
    ///
    /// # Panics
    /// When it was not after twenty seconds.
    pub async fn wait_for_requests(&self, requests: usize) {
        let asked = || self.taken.lock().unwrap_or_else(PoisonError::into_inner).asked;
        wait_until(|| asked() >= requests).await.unwrap_or_else(|_| panic!("asked {} times", asked()));
    }
}

/// Looks often, for twenty seconds.
async fn wait_until(so: impl Fn() -> bool) -> Result<(), Elapsed> {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await
}

impl Drop for CollectorStandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

/// An attribute of a span, as text; empty where it is not there.
#[must_use]
pub fn attribute(span: &Span, name: &str) -> String {
    span.attributes.iter().find(|pair| pair.key == name).map(|pair| text(pair.value.as_ref())).unwrap_or_default()
}

fn text(value: Option<&opentelemetry_proto::tonic::common::v1::AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(flag)) => flag.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

async fn serve(listener: TcpListener, behaviour: Behaviour, taken: Arc<Mutex<Taken>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let taken = taken.clone();
        let service = hyper::service::service_fn(move |request| answer(behaviour, taken.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    behaviour: Behaviour,
    taken: Arc<Mutex<Taken>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    taken.lock().unwrap_or_else(PoisonError::into_inner).asked += 1;
    let status = match behaviour {
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Refuses => 503,
        Behaviour::Takes => {
            let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
            let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
            taken.authorization = authorization.map(str::to_owned);
            take(&mut taken, parts.uri.path(), body)?
        }
    };
    Response::builder().status(status).body(Full::new(Bytes::new())).map_err(io::Error::other)
}

fn take(taken: &mut Taken, path: &str, body: Bytes) -> io::Result<u16> {
    match path {
        "/v1/traces" => taken.traces.push(ExportTraceServiceRequest::decode(body.clone()).map_err(io::Error::other)?),
        "/v1/metrics" => {
            taken.metrics.push(ExportMetricsServiceRequest::decode(body.clone()).map_err(io::Error::other)?)
        }
        _ => return Ok(404),
    }
    taken.raw.push(body);
    Ok(200)
}
