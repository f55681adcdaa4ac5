//! One-time links: whom they go to, what the page tells, and that they serve once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Desk, refused, state_input};
use core_access::{AdminRole, ApiScope, Caller, Operation};
use core_kernel::{Fault, LoginId, MessageId, RefusalCode, Stop, SystemEntropy, TypedId, UserId};
use core_policy::{DecisionReason, LoginOutcome, UserKind};
use futures::future::join_all;
use svc_directory::UserRef;
use svc_helpdesk::{FollowedLink, LinkLogin, LinkPage, LinkToken, SendLinkInput, SentLink};
use testkit::Environment;

const SEND: Operation = Operation::SendOneTimeLink;
const RETURN_URL: &str = "https://client.example/after?page=7";

impl Desk {
    async fn counterparty(&self, external_id: &str) -> UserId {
        let user = self.user(external_id).await;
        self.set_email(user, &format!("{external_id}@elsewhere.example")).await;
        user
    }

    async fn send(&self, input: SendLinkInput) -> Result<SentLink, Stop> {
        self.desk.send_one_time_link(&self.support(SEND), input).await
    }

    /// What stands in the mail, opened as the worker would.
    async fn token(&self, message: MessageId) -> String {
        let platform = &self.bed.platform;
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let mut tx = self.tx().await;
        let sealed: Vec<u8> =
            sqlx::query_scalar("select secret_sealed from message where tenant_id = $1 and message_id = $2")
                .bind(self.tenant.0)
                .bind(message.0)
                .fetch_one(tx.connection())
                .await
                .unwrap();
        let place = svc_platform::place(self.tenant, "message", message.0, "secret_sealed");
        String::from_utf8(key.open(&place, &sealed).unwrap().to_vec()).unwrap()
    }

    async fn sent(&self, user: UserId) -> (SentLink, String) {
        let sent = self.send(input(user)).await.unwrap();
        let token = self.token(sent.message_id).await;
        (sent, token)
    }

    async fn press(&self, token: &str, begin: &Begin) -> Result<String, Stop> {
        Ok(self.follow(token, begin).await?.address()?)
    }

    async fn follow(&self, token: &str, begin: &Begin) -> Result<FollowedLink, Stop> {
        let ip = "203.0.113.7".parse().unwrap();
        self.desk.consume_link(token, ip, Some("Firefox"), |login| begin.begin(login)).await
    }

    async fn is_ready(&self, token: &str) -> bool {
        self.desk.view_link(token).await.unwrap() != LinkPage::Over
    }
}

/// Stands in for the login path.
#[derive(Clone, Default)]
struct Begin {
    begun: Arc<AtomicUsize>,
    broken: bool,
    last: Arc<std::sync::Mutex<Option<LinkLogin>>>,
}

impl Begin {
    async fn begin(&self, login: LinkLogin) -> Result<LoginId, Stop> {
        if self.broken {
            return Err(Fault::Unavailable.into());
        }
        self.begun.fetch_add(1, Ordering::SeqCst);
        *self.last.lock().unwrap() = Some(login);
        tokio::task::yield_now().await;
        Ok(LoginId::new(&SystemEntropy, core_kernel::Clock::now(&core_kernel::SystemClock)))
    }

    fn count(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

fn input(user: UserId) -> SendLinkInput {
    SendLinkInput {
        user: UserRef::Id(user.to_text()),
        return_url: RETURN_URL.to_owned(),
        valid_for_seconds: 86_400,
        state: Some("s&1".to_owned()),
        hosted_prompt: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_pages_ask_for_the_second_factor_is_the_senders_word() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    for hosted_prompt in [false, true] {
        let sent = desk.send(SendLinkInput { hosted_prompt, ..input(user) }).await.unwrap();
        let token = desk.token(sent.message_id).await;
        let followed = desk.follow(&token, &Begin::default()).await.unwrap();
        assert_eq!((followed.tenant, followed.hosted_prompt), (desk.tenant, hosted_prompt));
        assert_eq!((followed.return_url.as_str(), followed.state.as_deref()), (RETURN_URL, Some("s&1")));
    }
}

fn over() -> (RefusalCode, String) {
    (RefusalCode::Expired, String::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counterparty_gets_in_once() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let (sent, token) = desk.sent(user).await;
    assert_eq!((sent.expires_at - desk.bed.now(desk.tenant).await).num_hours(), 23);
    assert_eq!(desk.queued(user).await, ["one_time_link"]);
    assert_eq!(desk.audited(user).await[0].1, "one_time_link.sent");

    let page = LinkPage::Ready { tenant_name: "Test Tenant".to_owned(), language: "en".to_owned() };
    for _ in 0..3 {
        assert_eq!(desk.desk.view_link(&token).await.unwrap(), page, "looking consumes nothing");
    }
    let begin = Begin::default();
    let redirect = desk.press(&token, &begin).await.unwrap();
    let (before, login) = redirect.split_once("postern_login=").unwrap();
    assert_eq!(before, "https://client.example/after?page=7&");
    let (login, state) = login.split_once('&').unwrap();
    assert_eq!(state, "state=s%261");
    let begun = begin.last.lock().unwrap().clone().unwrap();
    assert_eq!((begun.tenant, begun.user), (desk.tenant, user));
    assert_eq!((begun.ip.to_string().as_str(), begun.user_agent.as_deref()), ("203.0.113.7", Some("Firefox")));
    let kept = "select count(*) from one_time_link where tenant_id = $1 and login_id = $2 and consumed_at is not null";
    assert_eq!(desk.count(kept, LoginId::from_text(login).unwrap()).await, 1);
    assert_eq!(refused(desk.press(&token, &begin).await), over());
    assert!(!desk.is_ready(&token).await);
    assert_eq!(begin.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_always_follows() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
    let (_, token) = desk.sent(user).await;
    let ip = "203.0.113.7".parse().unwrap();
    let redirect = desk
        .desk
        .consume_link(&token, ip, None, async |link: LinkLogin| {
            let permit = Caller::system(link.tenant).permit(Operation::EvaluateLogin).map_err(Stop::Fault)?;
            let login = desk.logins.begin_by_link(&permit, link.user, link.ip, link.user_agent).await?;
            assert_eq!(login.outcome, LoginOutcome::Challenge);
            assert_eq!(login.reasons, [DecisionReason::OneTimeLink]);
            Ok(login.login_id)
        })
        .await
        .unwrap();
    let redirect = redirect.address().unwrap();
    assert!(redirect.starts_with("https://client.example/after?page=7&postern_login=login_"), "{redirect}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_presses_at_once_one_begins_a_login() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let (_, token) = desk.sent(user).await;
    let begin = Begin::default();
    let results = join_all((0..15).map(|_| desk.press(&token, &begin))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(begin.count(), 1);
    for result in results.into_iter().filter(Result::is_err) {
        assert_eq!(refused(result), over());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_cannot_begin_costs_no_link() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let (_, token) = desk.sent(user).await;
    let broken = Begin { broken: true, ..Begin::default() };
    assert!(matches!(desk.press(&token, &broken).await, Err(Stop::Fault(Fault::Unavailable))));
    assert!(desk.is_ready(&token).await);
    assert!(desk.press(&token, &Begin::default()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_that_does_not_work_is_answered_alike() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let foreign = desk.bed.tenant(Environment::Sandbox).await;
    let (_, expired) = desk.sent(user).await;
    desk.bed.advance(desk.tenant, 86_401).await;
    let (_, locked) = desk.sent(user).await;
    desk.desk.lock_user(&desk.support(Operation::LockUser), state_input(user)).await.unwrap();
    desk.desk.unlock_user(&desk.support(Operation::UnlockUser), state_input(user)).await.unwrap();
    let (_, reset) = desk.sent(user).await;
    desk.desk.reset_user(&desk.support(Operation::ResetUser), state_input(user)).await.unwrap();
    let (_, good) = desk.sent(user).await;
    let (tenant, secret) = good.split_once('.').unwrap();
    let elsewhere = format!("{}.{secret}", foreign.to_text().trim_start_matches("tenant_"));
    let nowhere = format!("{}.{secret}", "0".repeat(26));
    let unknown = format!("{tenant}.link_{}", "A".repeat(43));
    assert!(LinkToken::parse(&elsewhere).is_some() && LinkToken::parse(&unknown).is_some());
    let begin = Begin::default();
    let malformed = ["", "x", ".", "../../etc/passwd", "%00"].map(str::to_owned);
    for bad in [expired, locked, reset, elsewhere, nowhere, unknown].into_iter().chain(malformed) {
        assert_eq!(desk.desk.view_link(&bad).await.unwrap(), LinkPage::Over);
        assert_eq!(refused(desk.press(&bad, &begin).await), over());
    }
    assert_eq!(begin.count(), 0);
    assert!(desk.is_ready(&good).await, "none of this consumed the good one");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_the_mail_counts() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let (_, token) = desk.sent(user).await;
    let begin = Begin::default();
    for (worse, better) in [
        (
            "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2",
            "update tenant_user set disabled = false where tenant_id = $1 and user_id = $2",
        ),
        (
            "update tenant set status = 'SUSPENDED' where tenant_id = $1 and $2::uuid is not null",
            "update tenant set status = 'ACTIVE' where tenant_id = $1 and $2::uuid is not null",
        ),
        (
            "update tenant set return_urls = '{}' where tenant_id = $1 and $2::uuid is not null",
            "update tenant set return_urls = '{https://client.example/after}' where tenant_id = $1 and $2::uuid is not null",
        ),
    ] {
        desk.run(worse, user).await;
        assert_eq!(refused(desk.press(&token, &begin).await), over(), "{worse}");
        desk.run(better, user).await;
        assert!(desk.is_ready(&token).await, "refused and not consumed: {worse}");
    }
    assert!(desk.press(&token, &begin).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_to_external_users_with_an_address() {
    let desk = Desk::new().await;
    let internal = desk.bed.user(desk.tenant, "staff", UserKind::Internal).await;
    desk.set_email(internal, "staff@firm.example").await;
    let without = desk.user("without").await;
    let user = desk.counterparty("ann").await;
    let at_user = |code| (code, "user".to_owned());
    assert_eq!(refused(desk.send(input(internal)).await), at_user(RefusalCode::NotAllowedByPolicy));
    assert_eq!(refused(desk.send(input(without)).await), at_user(RefusalCode::Invalid));
    desk.run("update tenant_user set disabled = true where tenant_id = $1 and user_id = $2", user).await;
    assert_eq!(refused(desk.send(input(user)).await), at_user(RefusalCode::UserLocked));
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    let unassigned = desk.desk.send_one_time_link(&desk.admin_permit(&advisor, SEND), input(user)).await;
    assert_eq!(refused(unassigned), at_user(RefusalCode::NotFound));
    let foreign = desk.bed.tenant(Environment::Sandbox).await;
    let theirs = testkit::caller(foreign, &[ApiScope::Support]).permit(SEND).unwrap();
    assert_eq!(refused(desk.desk.send_one_time_link(&theirs, input(user)).await), at_user(RefusalCode::NotFound));
    assert!(desk.queued(user).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_range_are_told_with_their_field() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    for bad in [
        "https://evil.example/after",
        "https://client.example/afterwards",
        "http://client.example/after",
        "https://client.example@evil.example/after",
        "https://client.example/after/../admin",
        "javascript:alert(1)",
        "",
    ] {
        let result = desk.send(SendLinkInput { return_url: bad.to_owned(), ..input(user) }).await;
        assert_eq!(refused(result), (RefusalCode::Invalid, "returnUrl".to_owned()), "{bad}");
    }
    for seconds in [i64::MIN, 0, 59, 604_801, i64::MAX] {
        let result = desk.send(SendLinkInput { valid_for_seconds: seconds, ..input(user) }).await;
        assert_eq!(refused(result), (RefusalCode::Invalid, "validForSeconds".to_owned()));
    }
    for state in ["x".repeat(513), "a\nb".to_owned(), "\u{0}".to_owned()] {
        let result = desk.send(SendLinkInput { state: Some(state), ..input(user) }).await;
        assert_eq!(refused(result), (RefusalCode::Invalid, "state".to_owned()));
    }
    for seconds in [60, 604_800] {
        let input = SendLinkInput { valid_for_seconds: seconds, state: None, ..input(user) };
        assert!(desk.send(input).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_in_the_mail_and_nowhere_else() {
    let desk = Desk::new().await;
    let user = desk.counterparty("ann").await;
    let (_, token) = desk.sent(user).await;
    let (_, secret) = token.split_once('.').unwrap();
    let mut tx = desk.tx().await;
    for table in [
        "select string_agg(x::text, ' ') from one_time_link x where tenant_id = $1",
        "select string_agg(x::text, ' ') from message x where tenant_id = $1",
        "select string_agg(x::text, ' ') from audit_entry x where tenant_id = $1",
    ] {
        let text: String = sqlx::query_scalar(table).bind(desk.tenant.0).fetch_one(tx.connection()).await.unwrap();
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(secret) && !text.contains(&hex), "{table}");
    }
}
