//! Hosted prompts: what opens them, who holds them, and what comes back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use core_access::{ApiScope, Operation, Permit};
use core_kernel::{
    Fault, LoginId, PromptId, Redacted, RefusalCode, Stop, SystemClock, SystemEntropy, TenantId, TypedId, UserId,
};
use core_policy::UserKind;
use futures::future::join_all;
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use svc_directory::Directory;
use svc_logins::{CombinerOptions, Logins, RiskSources};
use svc_platform::Platform;
use svc_policy::Policies;
use svc_prompt::{CreatePromptInput, OPEN_PATH, Opened, PromptEnd, PromptPurpose, PromptSession, Prompts};
use testkit::{Environment, TestBed, caller};

const RETURN_URL: &str = "https://client.example/after?page=7";

fn on(platform: Platform) -> Prompts {
    let limits = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock)).unwrap());
    let risk = RiskSources::without_files(platform.clock.clone());
    let policies = Policies::new(platform.clone());
    let directory = Directory::new(platform.clone(), policies.clone());
    let logins = Logins::new(platform.clone(), policies, limits, risk, CombinerOptions::default());
    Prompts::new(platform, directory, logins)
}

struct World {
    bed: TestBed,
    prompts: Prompts,
    tenant: TenantId,
    user: UserId,
}

impl World {
    async fn new() -> Self {
        let bed = TestBed::new().await;
        let platform = bed.platform.clone();
        let tenant = bed.tenant(Environment::Sandbox).await;
        let user = bed.user(tenant, "ann", UserKind::External).await;
        let prompts = on(platform);
        let world = Self { bed, prompts, tenant, user };
        world.run("update tenant set return_urls = array['https://client.example/after'] where tenant_id = $1").await;
        world
    }

    async fn run(&self, sql: &'static str) {
        let mut tx = self.tx(self.tenant).await;
        sqlx::query(sql).bind(self.tenant.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn tx(&self, tenant: TenantId) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap()
    }

    fn permit(&self, operation: Operation) -> Permit {
        caller(self.tenant, &[ApiScope::Login]).permit(operation).unwrap()
    }

    /// A login that waits for its second factor.
    async fn login(&self, outcome: &str) -> LoginId {
        let id = LoginId::new(&SystemEntropy, self.bed.platform.now());
        let mut tx = self.tx(self.tenant).await;
        sqlx::query(
            "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                                policy_version, ip_address, max_attempts, created_at, expires_at)
             values ($1, $2, $3, $4, 'SIGN_IN', 'PASSWORD', $5, '{HIGH_LEVEL}', 'HIGH', 1, '203.0.113.9', 5,
                     tenant_now($1), tenant_now($1) + interval '15 minutes')",
        )
        .bind(self.tenant.0)
        .bind(id.month())
        .bind(id.0)
        .bind(self.user.0)
        .bind(outcome)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn complete(&self) {
        self.run(
            "update login set completed_at = tenant_now($1), completed_wall = now(), completed_with = 'SMS',
                              completed_proof = 'SMS' where tenant_id = $1",
        )
        .await;
    }

    async fn create(&self, login: LoginId, purpose: PromptPurpose) -> Result<String, Stop> {
        let login = login.to_text();
        let input = CreatePromptInput { login: &login, purpose, return_url: RETURN_URL, state: Some("s=1&x") };
        self.prompts.create(&self.permit(Operation::CreatePromptSession), input).await
    }

    /// The last part of a prompt's address.
    async fn address(&self, login: LoginId) -> String {
        let url = self.create(login, PromptPurpose::Login).await.unwrap();
        url.split_once(OPEN_PATH).unwrap().1.to_owned()
    }

    async fn opened(&self, login: LoginId) -> Opened {
        self.prompts.open(&self.address(login).await).await.unwrap()
    }

    async fn session(&self, opened: &Opened) -> Option<PromptSession> {
        self.prompts.find(opened.tenant, opened.prompt, &opened.browser).await.unwrap()
    }

    async fn redeem(&self, result: &str) -> Result<svc_prompt::Redeemed, Stop> {
        self.prompts.redeem(&self.permit(Operation::RedeemPromptResult), result).await
    }

    async fn advance(&self, seconds: i64) {
        self.bed.advance(self.tenant, seconds).await;
    }
}

fn code<T>(result: Result<T, Stop>) -> RefusalCode {
    result.err().expect("a refusal").refusal_code().expect("a refusal")
}

fn result_of(url: &str) -> &str {
    url.split_once("result=").expect("a result").1.split('&').next().unwrap()
}

#[tokio::test]
async fn a_login_goes_to_the_browser_and_its_result_back_to_the_integrator() {
    let world = World::new().await;
    let login = world.login("CHALLENGE").await;
    let opened = world.opened(login).await;
    let session = world.session(&opened).await.unwrap();
    assert_eq!((session.login, session.user, session.is_over), (login, world.user, false));

    assert_eq!(code(world.prompts.finish(&session).await), RefusalCode::VerificationRequired);
    world.complete().await;
    let url = world.prompts.finish(&session).await.unwrap();
    assert!(url.starts_with("https://client.example/after?page=7&result=prompt_result_"), "{url}");
    assert!(url.ends_with("&state=s%3D1%26x"), "{url}");
    assert!(!url.contains(&login.to_text()), "no identifier travels: {url}");

    let redeemed = world.redeem(result_of(&url)).await.unwrap();
    assert_eq!((redeemed.login.login_id, redeemed.state.as_deref()), (login, Some("s=1&x")));
    assert!(redeemed.login.just_completed, "its assertion is given");
    assert_eq!(code(world.redeem(result_of(&url)).await), RefusalCode::Expired, "once");
    assert!(world.session(&opened).await.unwrap().is_over);
    assert_eq!(code(world.prompts.finish(&session).await), RefusalCode::Expired);
}

#[tokio::test]
async fn an_address_opens_once_however_many_follow_it() {
    let world = World::new().await;
    let address = world.address(world.login("CHALLENGE").await).await;
    let opened = join_all((0..50).map(|_| world.prompts.open(&address))).await;
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
    let first = opened.into_iter().find_map(Result::ok).unwrap();
    assert_eq!(world.prompts.prompt_of(&address).await.unwrap(), Some((world.tenant, first.prompt)));
}

#[tokio::test]
async fn a_result_is_exchanged_once_however_many_try() {
    let world = World::new().await;
    let opened = world.opened(world.login("CHALLENGE").await).await;
    world.complete().await;
    let url = world.prompts.finish(&world.session(&opened).await.unwrap()).await.unwrap();
    let redeemed = join_all((0..50).map(|_| world.redeem(result_of(&url)))).await;
    assert_eq!(redeemed.iter().filter(|redeemed| redeemed.is_ok()).count(), 1);
}

#[tokio::test]
async fn reloading_the_end_gives_another_result_and_ends_the_first() {
    let world = World::new().await;
    let opened = world.opened(world.login("CHALLENGE").await).await;
    world.complete().await;
    let session = world.session(&opened).await.unwrap();
    let first = world.prompts.finish(&session).await.unwrap();
    let second = world.prompts.finish(&session).await.unwrap();
    assert_eq!(code(world.redeem(result_of(&first)).await), RefusalCode::Expired);
    assert!(world.redeem(result_of(&second)).await.is_ok());
}

#[tokio::test]
async fn everything_ends_by_the_tenants_clock() {
    let world = World::new().await;
    let login = world.login("CHALLENGE").await;
    let late = world.address(login).await;
    let opened = world.opened(login).await;
    world.advance(10 * 60 + 1).await;
    assert_eq!(code(world.prompts.open(&late).await), RefusalCode::Expired, "ten minutes to open");
    assert!(!world.session(&opened).await.unwrap().is_over, "the login still runs");
    world.complete().await;
    let url = world.prompts.finish(&world.session(&opened).await.unwrap()).await.unwrap();
    world.advance(61).await;
    assert_eq!(code(world.redeem(result_of(&url)).await), RefusalCode::Expired, "a minute to exchange");
    world.advance(5 * 60).await;
    let session = world.session(&opened).await.unwrap();
    assert!(session.is_over, "the login is over");
    assert_eq!(code(world.prompts.finish(&session).await), RefusalCode::Expired);
}

#[tokio::test]
async fn only_the_browser_that_opened_it_and_only_within_its_tenant() {
    let world = World::new().await;
    let opened = world.opened(world.login("CHALLENGE").await).await;
    let other = world.opened(world.login("CHALLENGE").await).await;
    let find = |tenant, prompt, browser: &Redacted<String>| {
        let (prompts, browser) = (world.prompts.clone(), browser.clone());
        async move { prompts.find(tenant, prompt, &browser).await.unwrap() }
    };
    assert_eq!(find(world.tenant, opened.prompt, &other.browser).await, None, "another prompt's browser");
    assert_eq!(find(world.tenant, opened.prompt, &Redacted::new(String::new())).await, None);
    let bystander = world.bed.tenant(Environment::Sandbox).await;
    assert_eq!(find(bystander, opened.prompt, &opened.browser).await, None, "another tenant");
    let unknown = PromptId::new(&SystemEntropy, world.bed.platform.now());
    assert_eq!(find(world.tenant, unknown, &opened.browser).await, None);

    world.complete().await;
    let url = world.prompts.finish(&world.session(&opened).await.unwrap()).await.unwrap();
    let permit = caller(bystander, &[ApiScope::Login]).permit(Operation::RedeemPromptResult).unwrap();
    assert_eq!(
        code(world.prompts.redeem(&permit, result_of(&url)).await),
        RefusalCode::Expired,
        "another tenant's key"
    );
    assert!(world.redeem(result_of(&url)).await.is_ok(), "which used nothing up");
}

#[tokio::test]
async fn there_must_be_something_to_ask() {
    let world = World::new().await;
    for outcome in ["ALLOW", "DENY"] {
        let login = world.login(outcome).await;
        assert_eq!(code(world.create(login, PromptPurpose::Login).await), RefusalCode::NotAllowedByPolicy, "{outcome}");
    }
    let login = world.login("ENROLL").await;
    assert_eq!(code(world.create(login, PromptPurpose::Settings).await), RefusalCode::VerificationRequired);
    assert!(world.create(login, PromptPurpose::Login).await.is_ok());
    world.complete().await;
    assert_eq!(code(world.create(login, PromptPurpose::Login).await), RefusalCode::AlreadyCompleted);
    assert!(world.create(login, PromptPurpose::Settings).await.is_ok());
    world.advance(15 * 60).await;
    assert_eq!(code(world.create(login, PromptPurpose::Settings).await), RefusalCode::VerificationRequired);
    let over = world.login("CHALLENGE").await;
    world.advance(15 * 60).await;
    assert_eq!(code(world.create(over, PromptPurpose::Login).await), RefusalCode::Expired);
    let unknown = LoginId::new(&SystemEntropy, world.bed.platform.now());
    assert_eq!(code(world.create(unknown, PromptPurpose::Login).await), RefusalCode::NotFound);
}

#[tokio::test]
async fn it_goes_back_to_registered_addresses_alone() {
    let world = World::new().await;
    let login = world.login("CHALLENGE").await;
    let text = login.to_text();
    let long = "x".repeat(513);
    let input =
        |return_url, state| CreatePromptInput { login: &text, purpose: PromptPurpose::Login, return_url, state };
    let permit = world.permit(Operation::CreatePromptSession);
    for (input, field) in [
        (input("https://evil.example/after", None), "returnUrl"),
        (input("https://client.example/elsewhere", None), "returnUrl"),
        (input(RETURN_URL, Some(long.as_str())), "state"),
        (input(RETURN_URL, Some("a\0b")), "state"),
    ] {
        let Err(Stop::Refused(refusals)) = world.prompts.create(&permit, input).await else { panic!("not refused") };
        let first = refusals.first().unwrap();
        assert_eq!((first.code, first.field.join(".")), (RefusalCode::Invalid, field.to_owned()));
    }
    let session = world.session(&world.opened(login).await).await.unwrap();
    world.run("update tenant set return_urls = '{}' where tenant_id = $1").await;
    assert_eq!(
        code(another_replica(&world).give_up(&session, PromptEnd::Canceled).await),
        RefusalCode::Expired,
        "no longer registered"
    );
}

/// Which remembers nothing of the tenant.
fn another_replica(world: &World) -> Prompts {
    on(world.bed.platform.clone())
}

#[tokio::test]
async fn giving_up_ends_it_and_says_why() {
    let world = World::new().await;
    for (end, word) in
        [(PromptEnd::Denied, "denied"), (PromptEnd::Canceled, "canceled"), (PromptEnd::Expired, "expired")]
    {
        let opened = world.opened(world.login("CHALLENGE").await).await;
        let session = world.session(&opened).await.unwrap();
        let url = world.prompts.give_up(&session, end).await.unwrap();
        assert_eq!(url, format!("https://client.example/after?page=7&error={word}&state=s%3D1%26x"));
        assert!(world.session(&opened).await.unwrap().is_over, "going back in does not revive it");
    }
}

#[tokio::test]
async fn whoever_may_not_sign_in_is_shown_nothing() {
    for ending in [
        "update tenant_user set disabled = true where tenant_id = $1",
        "update tenant set status = 'SUSPENDED' where tenant_id = $1",
    ] {
        let world = World::new().await;
        let login = world.login("CHALLENGE").await;
        let (address, opened) = (world.address(login).await, world.opened(login).await);
        world.run(ending).await;
        assert_eq!(world.session(&opened).await, None, "{ending}");
        assert_eq!(code(world.prompts.open(&address).await), RefusalCode::Expired, "{ending}");
    }
}

#[tokio::test]
async fn a_user_in_a_browser_is_nobodys_help_desk() {
    let world = World::new().await;
    let session = world.session(&world.opened(world.login("CHALLENGE").await).await).await.unwrap();
    assert!(session.permit(Operation::VerifyChallenge, None).is_ok());
    for forbidden in [Operation::IssueTemporaryAccessCode, Operation::PublishPolicy, Operation::ReadUsers] {
        assert!(matches!(session.permit(forbidden, None), Err(Fault::Forbidden { .. })), "{forbidden:?}");
    }
}
