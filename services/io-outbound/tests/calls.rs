//! The way out, against servers that answer in every way there is.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use io_outbound::{Answer, Failure, Outbound, OutboundOptions, Resolver, Rules, Target, tls_config};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const OPEN: Rules = Rules { allow_http: true, allow_private: true };
const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// What a server does once it has read the request.
#[derive(Clone)]
enum Manner {
    Says(&'static str),
    HangsUp,
    FallsSilent,
    NeverEnds,
}

struct Server {
    port: u16,
    calls: Arc<AtomicUsize>,
    heard: Arc<Mutex<String>>,
}

impl Server {
    async fn start(manner: Manner) -> Self {
        Self::start_with(manner, None).await
    }

    async fn start_with(manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (calls, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let server = Self { port, calls: calls.clone(), heard: heard.clone() };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                calls.fetch_add(1, Ordering::SeqCst);
                let (manner, heard, tls) = (manner.clone(), heard.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, manner, heard).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, manner, heard).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

/// How long a request's body is.
fn announced(head: &str) -> usize {
    let lengths =
        head.lines().filter_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    lengths.map(|length| length.parse::<usize>().unwrap()).sum()
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, manner: Manner, heard: Arc<Mutex<String>>) {
    let mut buffer = vec![0; 64 << 10];
    let mut text = String::new();
    let is_whole = |text: &str| text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() == announced(head));
    while !is_whole(&text) {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    *heard.lock().unwrap() = text;
    match manner {
        Manner::Says(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Manner::HangsUp => {}
        Manner::FallsSilent => std::future::pending().await,
        Manner::NeverEnds => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            while stream.write_all(b"400\r\n").await.is_ok() {
                let _ = stream.write_all(&[b'x'; 0x400]).await;
                let _ = stream.write_all(b"\r\n").await;
            }
        }
    }
}

/// Gives each answer in turn, the last one again and again.
struct Scripted(Vec<Vec<IpAddr>>, AtomicUsize);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(answers.iter().map(parse).collect(), AtomicUsize::new(0)))
    }
}

impl Resolver for Scripted {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        let answer = self.0.get(number).or(self.0.last()).cloned();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn options(rules: Rules) -> OutboundOptions {
    OutboundOptions { time_limit: Duration::from_secs(5), ..OutboundOptions::new(rules) }
}

async fn post(options: OutboundOptions, rules: Rules, url: &str) -> Result<u16, Failure> {
    let target = Target::parse(url, rules).unwrap();
    let headers = [("webhook-id", "event_1".to_owned())];
    let answer = Outbound::new(options).post_json(&target, &headers, Bytes::from_static(b"{\"a\":1}")).await;
    answer.map(|status| status.as_u16())
}

async fn post_to(server: &Server) -> Result<u16, Failure> {
    post(options(OPEN), OPEN, &format!("http://127.0.0.1:{}/hooks?a=b", server.port)).await
}

#[tokio::test]
async fn a_request_says_what_it_is_told_to() {
    let server = Server::start(Manner::Says(OK)).await;
    assert_eq!(post_to(&server).await, Ok(204));
    let heard = server.heard().to_lowercase();
    assert!(heard.starts_with("post /hooks?a=b http/1.1\r\n"), "{heard}");
    for header in [
        format!("host: 127.0.0.1:{}", server.port),
        "user-agent: postern".to_owned(),
        "content-type: application/json".to_owned(),
        "content-length: 7".to_owned(),
        "connection: close".to_owned(),
        "webhook-id: event_1".to_owned(),
    ] {
        assert!(heard.contains(&format!("\r\n{header}\r\n")), "{header}: {heard}");
    }
    assert!(heard.ends_with("\r\n\r\n{\"a\":1}"), "{heard}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let secret = Server::start(Manner::Says(OK)).await;
    let answer = format!("HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n", secret.port);
    let server = Server::start(Manner::Says(answer.leak())).await;
    assert_eq!(post_to(&server).await, Ok(307));
    assert_eq!((server.calls(), secret.calls()), (1, 0));
}

#[tokio::test]
async fn a_form_is_posted_with_its_authorization_and_its_answer_is_read() {
    let server = Server::start(Manner::Says("HTTP/1.1 400 X\r\ncontent-length: 2\r\n\r\n{}")).await;
    let target = Target::parse(&format!("http://127.0.0.1:{}/token", server.port), OPEN).unwrap();
    let authorization = "Basic YTpi".to_owned().into();
    let answer =
        Outbound::new(options(OPEN)).post_form(&target, Some(&authorization), &"a=b&c=d".to_owned().into()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (400, &b"{}"[..]));
    let heard = server.heard();
    assert!(heard.starts_with("POST /token HTTP/1.1\r\n") && heard.ends_with("\r\n\r\na=b&c=d"), "{heard}");
    assert!(heard.contains("\r\nauthorization: Basic YTpi\r\n"), "{heard}");
    assert!(heard.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{heard}");
    let broken = "a\r\nb: c".to_owned().into();
    let refused = Outbound::new(options(OPEN)).get_as(&target, "application/json", Some(&broken)).await;
    assert_eq!((refused, server.calls()), (Err(Failure::Protocol), 1), "no header breaks out of its line");
}

async fn get(options: OutboundOptions, server: &Server) -> Result<Answer, Failure> {
    let target = Target::parse(&format!("http://127.0.0.1:{}/logo.png?a", server.port), OPEN).unwrap();
    Outbound::new(options).get(&target, "image/png").await
}

#[tokio::test]
async fn what_is_fetched_is_given_whole_whatever_the_status() {
    let server = Server::start(Manner::Says("HTTP/1.1 404 X\r\ncontent-length: 4\r\n\r\nnone")).await;
    let answer = get(options(OPEN), &server).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (404, &b"none"[..]));
    let heard = server.heard().to_lowercase();
    assert!(heard.starts_with("get /logo.png?a http/1.1\r\n"), "{heard}");
    assert!(heard.contains("\r\naccept: image/png\r\n") && heard.ends_with("\r\n\r\n"), "{heard}");
}

#[tokio::test]
async fn half_an_answer_is_none_when_it_was_fetched_for_its_body() {
    let small = OutboundOptions { max_answer_bytes: 4, ..options(OPEN) };
    let exact = Server::start(Manner::Says("HTTP/1.1 200 X\r\ncontent-length: 4\r\n\r\nfour")).await;
    assert_eq!(get(small.clone(), &exact).await.unwrap().body, b"four");
    let longer = Server::start(Manner::Says("HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\nfive.")).await;
    assert_eq!(get(small.clone(), &longer).await, Err(Failure::Size(4)));
    let endless = Server::start(Manner::NeverEnds).await;
    assert_eq!(get(small, &endless).await, Err(Failure::Size(4)));
    let broken = Server::start(Manner::Says("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nfive.")).await;
    assert_eq!(get(options(OPEN), &broken).await, Err(Failure::Protocol));
}

#[tokio::test]
async fn a_fetched_redirect_is_not_followed_either() {
    let secret = Server::start(Manner::Says(OK)).await;
    let answer = format!("HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n", secret.port);
    let server = Server::start(Manner::Says(answer.leak())).await;
    assert_eq!(get(options(OPEN), &server).await.unwrap().status.as_u16(), 302);
    assert_eq!((server.calls(), secret.calls()), (1, 0));
}

#[tokio::test]
async fn whoever_does_not_answer_is_told_of() {
    assert_eq!(post_to(&Server::start(Manner::HangsUp).await).await, Err(Failure::Protocol));
    assert_eq!(post_to(&Server::start(Manner::Says("SSH-2.0-OpenSSH_9.2\r\n")).await).await, Err(Failure::Protocol));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(post(options(OPEN), OPEN, &format!("http://{closed}/")).await, Err(Failure::Connect));
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_the_limit() {
    let short = OutboundOptions { time_limit: Duration::from_secs(1), ..options(OPEN) };
    let silent = Server::start(Manner::FallsSilent).await;
    let answer = post(short, OPEN, &format!("http://127.0.0.1:{}/", silent.port)).await;
    assert_eq!(answer, Err(Failure::Time(1)));
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_the_limit_and_left() {
    let server = Server::start(Manner::NeverEnds).await;
    // Else it would be given up when its time is over.
    assert_eq!(post_to(&server).await, Ok(200));
}

#[tokio::test]
async fn an_answers_head_has_a_limit() {
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let server = Server::start(Manner::Says(head.leak())).await;
    assert_eq!(post_to(&server).await, Err(Failure::Protocol));
}

#[tokio::test]
async fn a_name_that_leads_to_an_inner_address_is_not_dialled() {
    let server = Server::start(Manner::Says(OK)).await;
    let rules = Rules { allow_http: true, allow_private: false };
    let url = format!("http://firm.example:{}/", server.port);
    for inner in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"] {
        let resolver = Scripted::new(&[&[inner]]);
        let failed = post(OutboundOptions { resolver, ..options(rules) }, rules, &url).await;
        assert_eq!(failed, Err(Failure::Address), "{inner}");
    }
    assert_eq!(server.calls(), 0);
}

/// A name server may answer every question anew; there is one question, and its answer is judged and dialled.
#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_gains_nothing() {
    let server = Server::start(Manner::Says(OK)).await;
    let rules = Rules { allow_http: true, allow_private: false };
    let resolver = Scripted::new(&[&["240.0.0.1"], &["127.0.0.1"]]);
    let outbound = Outbound::new(OutboundOptions { resolver: resolver.clone(), ..options(rules) });
    let target = Target::parse(&format!("http://firm.example:{}/", server.port), rules).unwrap();
    for look_up in 1..=3 {
        let failed = outbound.post_json(&target, &[], Bytes::from_static(b"{\"a\":1}")).await;
        assert_eq!(failed, Err(Failure::Address));
        assert_eq!(resolver.1.load(Ordering::SeqCst), look_up, "each call resolves once, and dials what it judged");
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn of_several_addresses_the_allowed_ones_are_tried_in_turn() {
    let server = Server::start(Manner::Says(OK)).await;
    // Refused by the rules, refused by the host, right.
    let resolver = Scripted::new(&[&["169.254.169.254", "127.0.0.2", "127.0.0.1"]]);
    let url = format!("http://firm.example:{}/", server.port);
    assert_eq!(post(OutboundOptions { resolver, ..options(OPEN) }, OPEN, &url).await, Ok(204));
    for nowhere in [Scripted::new(&[]), Scripted::new(&[&[]])] {
        let failed = post(OutboundOptions { resolver: nowhere, ..options(OPEN) }, OPEN, &url).await;
        assert_eq!(failed, Err(Failure::Name));
    }
}

/// A certificate for this name, and who trusts it.
fn certificate(name: &str) -> (TlsAcceptor, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    (TlsAcceptor::from(Arc::new(config)), roots)
}

#[tokio::test]
async fn https_is_to_whom_the_url_names_and_to_nobody_else() {
    let (acceptor, roots) = certificate("firm.example");
    let server = Server::start_with(Manner::Says(OK), Some(acceptor)).await;
    let trusting =
        OutboundOptions { resolver: Scripted::new(&[&["127.0.0.1"]]), tls: tls_config(roots), ..options(OPEN) };
    let url = |name: &str| format!("https://{name}:{}/", server.port);
    assert_eq!(post(trusting.clone(), OPEN, &url("firm.example")).await, Ok(204));
    assert!(server.heard().contains("\r\nhost: firm.example:"), "{}", server.heard());
    let other_name = post(trusting.clone(), OPEN, &url("other.example")).await;
    assert!(matches!(&other_name, Err(Failure::Tls(why)) if why.contains("certificate")), "{other_name:?}");
    let stranger = OutboundOptions { tls: tls_config(RootCertStore::empty()), ..trusting };
    let untrusted = post(stranger, OPEN, &url("firm.example")).await;
    assert!(matches!(untrusted, Err(Failure::Tls(_))), "{untrusted:?}");
}
