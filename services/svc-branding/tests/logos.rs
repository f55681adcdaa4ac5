//! Logos from their naming to their serving, against hosts that answer in every way there is.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use core_access::{ApiScope, Operation};
use core_kernel::TenantId;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use io_outbound::{Outbound, OutboundOptions, Rules};
use io_postgres::TenantTx;
use svc_branding::{LogoOptions, LogoWorker, Logos, MAX_SOURCE_BYTES};
use svc_directory::{Branding, Directory, TenantSettings, UpdateTenantInput};
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

const OPEN: Rules = Rules { allow_http: true, allow_private: true };

/// A host that gives one answer, when it may, and counts how often it is asked.
struct Host {
    port: u16,
    calls: Arc<AtomicUsize>,
    may_answer: Arc<Semaphore>,
}

impl Host {
    async fn answering(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let calls = Arc::new(AtomicUsize::new(0));
        let may_answer = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let host = Self { port, calls: calls.clone(), may_answer: may_answer.clone() };
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                calls.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 4096];
                let _ = stream.read(&mut head).await;
                may_answer.acquire().await.unwrap().forget();
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        host
    }

    async fn serving(kind: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        Self::answering([head.as_bytes(), body].concat()).await
    }

    async fn saying(status: &str) -> Self {
        Self::answering(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into_bytes()).await
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/logo", self.port)
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn png(color: [u8; 3]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(40, 20, Rgb(color))).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

struct Scene {
    bed: TestBed,
    directory: Directory,
    logos: Logos,
    tenant: TenantId,
    named: AtomicUsize,
}

impl Scene {
    async fn new() -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Sandbox).await;
        let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
        let logos = Logos::new(bed.platform.clone());
        Self { bed, directory, logos, tenant, named: AtomicUsize::new(0) }
    }

    fn worker(&self, rules: Rules) -> LogoWorker {
        let time_limit = Duration::from_secs(2);
        let options = OutboundOptions { time_limit, max_answer_bytes: MAX_SOURCE_BYTES, ..OutboundOptions::new(rules) };
        LogoWorker::new(self.bed.platform.clone(), Outbound::new(options), LogoOptions::default())
    }

    /// By the command that integrators call; the address then becomes one of this machine, which the
    /// command does not take.
    async fn name(&self, tenant: TenantId, url: &str) {
        let permit = caller(tenant, &[ApiScope::Policy]).permit(Operation::UpdateTenant).unwrap();
        let logo_url = Some(format!("https://firm.example/{}", self.named.fetch_add(1, Ordering::SeqCst)));
        let branding = Some(Branding { logo_url, ..Branding::default() });
        self.directory.update_tenant(&permit, UpdateTenantInput { branding, ..Default::default() }).await.unwrap();
        self.execute(tenant, "update tenant_logo set source = $2 where tenant_id = $1", url).await;
    }

    async fn unname(&self) {
        let permit = caller(self.tenant, &[ApiScope::Policy]).permit(Operation::UpdateTenant).unwrap();
        let input = UpdateTenantInput { branding: Some(Branding::default()), ..Default::default() };
        self.directory.update_tenant(&permit, input).await.unwrap();
    }

    async fn execute(&self, tenant: TenantId, sql: &'static str, text: &str) {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        sqlx::query(sql).bind(tenant.0).bind(text).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn work(&self, rules: Rules) -> bool {
        self.worker(rules).round(&CancellationToken::new()).await.unwrap()
    }

    async fn settings(&self, tenant: TenantId) -> Arc<TenantSettings> {
        self.directory.invalidate_all();
        self.directory.settings(tenant).await.unwrap()
    }

    /// What a host's answer came to, with everything allowed.
    async fn problem_with(&self, host: &Host) -> String {
        self.name(self.tenant, &host.url()).await;
        assert!(self.work(OPEN).await);
        let logo = self.settings(self.tenant).await.logo.clone();
        assert_eq!(logo.digest, None);
        logo.problem.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_fetched_once_redrawn_and_served_by_its_digest() {
    let scene = Scene::new().await;
    let given = png([200, 10, 10]);
    let host = Host::serving("text/plain", &given).await;
    assert!(!scene.work(OPEN).await, "there is nothing to fetch");
    scene.name(scene.tenant, &host.url()).await;
    assert_eq!(scene.settings(scene.tenant).await.logo_path(), None, "it is not there yet");
    assert!(scene.work(OPEN).await);
    assert!(!scene.work(OPEN).await, "once");
    assert_eq!(host.calls(), 1);

    let settings = scene.settings(scene.tenant).await;
    let digest = settings.logo.digest.unwrap();
    assert_eq!(settings.logo.problem, None);
    let path = settings.logo_path().unwrap();
    assert!(path.starts_with("/logo/tenant_") && path.ends_with(".png"), "{path}");
    let served = scene.logos.find(scene.tenant, digest).await.unwrap().unwrap();
    assert_ne!(served, given, "it was written anew");
    let picture = image::load_from_memory_with_format(&served, ImageFormat::Png).unwrap().to_rgb8();
    assert_eq!((picture.dimensions(), picture.get_pixel(5, 5).0), ((40, 20), [200, 10, 10]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_anothers_logo_or_one_that_is_no_more() {
    let scene = Scene::new().await;
    let bystander = scene.bed.tenant(Environment::Sandbox).await;
    let (red, blue) =
        (Host::serving("image/png", &png([255, 0, 0])).await, Host::serving("image/png", &png([0, 0, 255])).await);
    scene.name(scene.tenant, &red.url()).await;
    assert!(scene.work(OPEN).await);
    let first = scene.settings(scene.tenant).await.logo.digest.unwrap();
    assert!(scene.logos.find(scene.tenant, first).await.unwrap().is_some());
    assert_eq!(scene.logos.find(bystander, first).await.unwrap(), None);
    assert_eq!(scene.logos.find(scene.tenant, [0; 32]).await.unwrap(), None);

    scene.unname().await;
    assert_eq!(scene.settings(scene.tenant).await.logo, svc_directory::Logo::default());
    assert_eq!(scene.logos.find(scene.tenant, first).await.unwrap(), None, "taken away is gone");
    scene.name(scene.tenant, &blue.url()).await;
    assert!(scene.work(OPEN).await);
    let second = scene.settings(scene.tenant).await.logo.digest.unwrap();
    assert_ne!(first, second, "another picture, another address");
    assert_eq!(scene.settings(bystander).await.logo, svc_directory::Logo::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_on_the_inside_is_never_asked() {
    let scene = Scene::new().await;
    let inside = Host::serving("image/png", &png([1, 2, 3])).await;
    let rules = Rules { allow_http: true, allow_private: false };
    scene.name(scene.tenant, &inside.url()).await;
    assert!(scene.work(rules).await);
    let logo = scene.settings(scene.tenant).await.logo.clone();
    assert!(logo.problem.unwrap().contains("public internet"));
    for metadata in
        ["http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://localhost/", "file:///etc/passwd"]
    {
        scene.name(scene.tenant, metadata).await;
        assert!(scene.work(rules).await);
        assert!(scene.settings(scene.tenant).await.logo.problem.is_some(), "{metadata}");
    }
    assert!(!scene.work(rules).await, "and is not tried again");
    assert_eq!(inside.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let scene = Scene::new().await;
    let inside = Host::serving("image/png", &png([1, 2, 3])).await;
    let gate = Host::saying(&format!("302 Found\r\nlocation: {}", inside.url())).await;
    assert!(scene.problem_with(&gate).await.contains("leads elsewhere"));
    assert_eq!((gate.calls(), inside.calls()), (1, 0));
    assert!(!scene.work(OPEN).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_fitting_picture_is_told_of_and_not_asked_for_again() {
    let scene = Scene::new().await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let mut cut_off = png([9, 9, 9]);
    cut_off.truncate(45);
    for (kind, body, told) in [
        ("image/svg+xml", &svg[..], "not a PNG, JPEG or WebP"),
        ("image/png", svg, "not a PNG, JPEG or WebP"),
        ("text/html", b"<!doctype html>", "not a PNG, JPEG or WebP"),
        ("image/png", &cut_off, "cannot be read to its end"),
        ("image/png", &vec![0; MAX_SOURCE_BYTES + 1], "longer than"),
    ] {
        let host = Host::serving(kind, body).await;
        let problem = scene.problem_with(&host).await;
        assert!(problem.contains(told), "{kind}: {problem}");
        assert!(!scene.work(OPEN).await, "{kind}");
    }
    assert!(scene.problem_with(&Host::saying("404 Not Found").await).await.contains("404"));
    assert!(!scene.work(OPEN).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_away_is_asked_again_later() {
    let scene = Scene::new().await;
    let away = Host::saying("503 Service Unavailable").await;
    assert!(scene.problem_with(&away).await.contains("503"));
    assert!(!scene.work(OPEN).await, "not at once");
    for _ in 0..10 {
        scene.execute(scene.tenant, "update tenant_logo set due_at = clock_timestamp() where tenant_id = $1 and due_at is not null and $2 = ''", "").await;
        scene.work(OPEN).await;
    }
    assert_eq!(away.calls(), 5, "and given up at last");
    let host = Host::serving("image/png", &png([5, 5, 5])).await;
    scene.name(scene.tenant, &host.url()).await;
    assert!(scene.work(OPEN).await, "another address begins anew");
    assert_eq!(scene.settings(scene.tenant).await.logo.problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_after_another_was_named_is_dropped() {
    let scene = Scene::new().await;
    let slow = Host::serving("image/png", &png([255, 0, 0])).await;
    let quick = Host::serving("image/png", &png([0, 0, 255])).await;
    slow.may_answer.forget_permits(Semaphore::MAX_PERMITS);
    scene.name(scene.tenant, &slow.url()).await;
    let worker = scene.worker(OPEN);
    let working = tokio::spawn(async move { worker.round(&CancellationToken::new()).await.unwrap() });
    while slow.calls() == 0 {
        tokio::task::yield_now().await;
    }
    scene.name(scene.tenant, &quick.url()).await;
    slow.may_answer.add_permits(1);
    assert!(working.await.unwrap());
    let logo = scene.settings(scene.tenant).await.logo.clone();
    assert_eq!((logo.digest, logo.problem), (None, None), "neither its picture nor its end is noted");
    assert!(scene.work(OPEN).await, "the one that is named is fetched");
    assert_eq!(quick.calls(), 1);
    assert!(scene.settings(scene.tenant).await.logo.digest.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_workers_one_asks() {
    let scene = Scene::new().await;
    let host = Host::serving("image/png", &png([7, 7, 7])).await;
    scene.name(scene.tenant, &host.url()).await;
    let rounds = (0..4).map(|_| {
        let worker = scene.worker(OPEN);
        tokio::spawn(async move { worker.round(&CancellationToken::new()).await.unwrap() })
    });
    for round in rounds.collect::<Vec<_>>() {
        round.await.unwrap();
    }
    assert_eq!(host.calls(), 1);
    assert!(scene.settings(scene.tenant).await.logo.digest.is_some());
}
