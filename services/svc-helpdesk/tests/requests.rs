//! Requests for temporary access: asking, being told, answering.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;

use common::{Desk, refused};
use core_access::{AdminRole, ApiScope, Operation, Permit};
use core_kernel::{LoginId, PageRequest, RefusalCode, Stop, TypedId, UserId};
use futures::future::{join, join_all};
use svc_helpdesk::{
    ApproveRequestInput, DeclineRequestInput, RequestAccessInput, RequestStatus, TemporaryAccessRequest,
};
use testkit::Environment;

const ANSWER: Operation = Operation::AnswerTemporaryAccess;
const READ: Operation = Operation::ReadTemporaryAccess;

impl Desk {
    async fn ask(&self, login: LoginId, note: Option<&str>) -> Result<TemporaryAccessRequest, Stop> {
        let permit = self.key(ApiScope::Login, Operation::RequestTemporaryAccess);
        let input = RequestAccessInput { login_id: login.to_text(), note: note.map(str::to_owned) };
        self.desk.request_temporary_access(&permit, input).await
    }

    /// The addresses to which requests are on their way, opened as the worker would.
    async fn told(&self) -> BTreeSet<String> {
        let platform = &self.bed.platform;
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let mut tx = self.tx().await;
        let rows: Vec<(uuid::Uuid, Vec<u8>)> = sqlx::query_as(
            "select message_id, destination_sealed from message
              where tenant_id = $1 and purpose = 'TEMPORARY_ACCESS_REQUEST'",
        )
        .bind(self.tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap();
        let open = |(id, sealed): (uuid::Uuid, Vec<u8>)| {
            let place = svc_platform::place(self.tenant, "message", id, "destination_sealed");
            String::from_utf8(key.open(&place, &sealed).unwrap().to_vec()).unwrap()
        };
        rows.into_iter().map(open).collect()
    }

    async fn expiry(&self, login: LoginId) -> i64 {
        self.count(
            "select extract(epoch from expires_at - created_at)::bigint from login where tenant_id = $1 and login_id = $2",
            login,
        )
        .await
    }
}

fn approve(request: &TemporaryAccessRequest) -> ApproveRequestInput {
    let reason = "asked for the last trade".to_owned();
    ApproveRequestInput { id: request.request_id.to_text(), reason, may_change_factors: false }
}

fn decline(request: &TemporaryAccessRequest) -> DeclineRequestInput {
    DeclineRequestInput { id: request.request_id.to_text(), reason: "could not name the last trade".to_owned() }
}

async fn asked(desk: &Desk) -> (UserId, LoginId, TemporaryAccessRequest) {
    let user = desk.user("ann").await;
    let login = desk.login(user, "CHALLENGE").await;
    let request = desk.ask(login, None).await.unwrap();
    (user, login, request)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_asks_and_the_advisor_answers() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    desk.admin("sue@firm.example", AdminRole::Support).await;
    desk.assign(user, &advisor).await;
    desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
    let (login, other) = (desk.login(user, "CHALLENGE").await, desk.login(user, "CHALLENGE").await);

    let request = desk.ask(login, Some(" lost my phone ")).await.unwrap();
    assert_eq!((request.status, request.note.as_deref()), (RequestStatus::Open, Some("lost my phone")));
    assert_eq!(desk.expiry(login).await, 3_600, "the login waits for the answer");
    assert_eq!(desk.expiry(other).await, 900);
    assert_eq!(desk.told().await, BTreeSet::from(["advisor@firm.example".to_owned()]));
    assert_eq!(desk.events().await[0].0, "TEMPORARY_ACCESS_REQUESTED");

    let permit = desk.admin_permit(&advisor, ANSWER);
    let (issued, answered) = desk.desk.approve_temporary_access_request(&permit, approve(&request)).await.unwrap();
    assert_eq!(answered.status, RequestStatus::Approved);
    assert_eq!(answered.answered_by.as_deref(), Some("admin:advisor@firm.example"));
    assert_eq!(answered.reason.as_deref(), Some("asked for the last trade"));
    assert_eq!(issued.code.login_id, Some(login));
    assert_eq!((issued.code.expires_at - issued.code.created_at).num_seconds(), 900);
    assert!(desk.queued(user).await.contains(&"notice.temporary_access_issued".to_owned()));
    assert_eq!(desk.prove(other, user, &issued).await, Err(RefusalCode::NotFound), "it serves that login alone");
    assert_eq!(desk.prove(login, user, &issued).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_advisor_whoever_may_answer_is_told() {
    let desk = Desk::new().await;
    for (email, role) in [
        ("support@firm.example", AdminRole::Support),
        ("admin@firm.example", AdminRole::Admin),
        ("owner@firm.example", AdminRole::Owner),
        ("advisor@firm.example", AdminRole::Advisor),
        ("bill@firm.example", AdminRole::Billing),
        ("audit@firm.example", AdminRole::Auditor),
    ] {
        desk.admin(email, role).await;
    }
    let everybody = ["admin@firm.example", "owner@firm.example", "support@firm.example"].map(str::to_owned);
    let (_, login, _) = asked(&desk).await;
    assert_eq!(desk.told().await, BTreeSet::from(everybody.clone()));
    desk.ask(login, None).await.unwrap();
    let mails = desk.count("select count(*) from message where tenant_id = $1 and $2::uuid is not null", login).await;
    assert_eq!(mails, 3, "asking again tells nobody again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_who_left_is_not_told() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let advisor = desk.admin("gone@firm.example", AdminRole::Advisor).await;
    desk.admin("sue@firm.example", AdminRole::Support).await;
    desk.assign(user, &advisor).await;
    desk.run("update tenant_admin set removed_at = now() where tenant_id = $1 and admin_id = $2", advisor.id).await;
    desk.ask(desk.login(user, "ENROLL").await, None).await.unwrap();
    assert_eq!(desk.told().await, BTreeSet::from(["sue@firm.example".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_a_login_however_often_it_is_asked() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let login = desk.login(user, "CHALLENGE").await;
    let all = join_all((0..10).map(|_| desk.ask(login, None))).await;
    let ids: BTreeSet<String> = all.into_iter().map(|one| one.unwrap().request_id.to_text()).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_a_user_an_hour() {
    let desk = Desk::new().await;
    let (user, other) = (desk.user("ann").await, desk.user("bob").await);
    let mut logins = Vec::new();
    for _ in 0..8 {
        logins.push(desk.login(user, "CHALLENGE").await);
    }
    let results = join_all(logins.iter().map(|login| desk.ask(*login, None))).await;
    let (granted, held): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((granted.len(), held.len()), (3, 5), "at the same time, too");
    for result in held {
        assert_eq!(refused(result), (RefusalCode::TooSoon, "loginId".to_owned()));
    }
    desk.ask(desk.login(other, "CHALLENGE").await, None).await.unwrap();
    // Neither a decline nor an approval gives another one.
    let first = granted.into_iter().next().unwrap().unwrap();
    desk.desk.decline_temporary_access_request(&desk.support(ANSWER), decline(&first)).await.unwrap();
    let fourth = desk.login(user, "CHALLENGE").await;
    assert_eq!(refused(desk.ask(fourth, None).await).0, RefusalCode::TooSoon);
    desk.bed.advance(desk.tenant, 3_601).await;
    let fifth = desk.login(user, "CHALLENGE").await;
    assert!(desk.ask(fifth, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_login_can_be_asked_for() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let foreign_tenant = desk.bed.tenant(Environment::Sandbox).await;
    let allowed = desk.login(user, "ALLOW").await;
    assert_eq!(refused(desk.ask(allowed, None).await), (RefusalCode::AlreadyCompleted, "loginId".to_owned()));
    let denied = desk.login(user, "DENY").await;
    assert_eq!(refused(desk.ask(denied, None).await), (RefusalCode::NotAllowedByPolicy, "loginId".to_owned()));
    let tried = desk.login(user, "CHALLENGE").await;
    desk.run("update login set attempts = max_attempts where tenant_id = $1 and login_id = $2", tried).await;
    assert_eq!(refused(desk.ask(tried, None).await), (RefusalCode::TooManyAttempts, "loginId".to_owned()));
    let open = desk.login(user, "CHALLENGE").await;
    for id in [String::new(), "login_x".into(), user.to_text(), LoginId(uuid::Uuid::nil()).to_text()] {
        let permit = desk.key(ApiScope::Login, Operation::RequestTemporaryAccess);
        let input = RequestAccessInput { login_id: id, note: Some("\u{0}".to_owned()) };
        let result = desk.desk.request_temporary_access(&permit, input).await;
        assert_eq!(refused(result), (RefusalCode::NotFound, "loginId".to_owned()));
    }
    let theirs = testkit::caller(foreign_tenant, &[ApiScope::Login]).permit(Operation::RequestTemporaryAccess).unwrap();
    let input = RequestAccessInput { login_id: open.to_text(), note: None };
    let result = desk.desk.request_temporary_access(&theirs, input).await;
    assert_eq!(refused(result), (RefusalCode::NotFound, "loginId".to_owned()));
    let long = "x".repeat(501);
    assert_eq!(refused(desk.ask(open, Some(&long)).await), (RefusalCode::Invalid, "note".to_owned()));
    assert_eq!(refused(desk.ask(open, Some("a\u{1b}[2J")).await), (RefusalCode::Invalid, "note".to_owned()));
    desk.bed.advance(desk.tenant, 901).await;
    assert_eq!(refused(desk.ask(open, None).await), (RefusalCode::Expired, "loginId".to_owned()));
    let fresh = desk.login(user, "CHALLENGE").await;
    desk.run("update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2", user).await;
    assert_eq!(refused(desk.ask(fresh, None).await), (RefusalCode::UserLocked, "loginId".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_one_wins() {
    let desk = Desk::new().await;
    for round in 0..6 {
        let user = desk.user(&format!("user-{round}")).await;
        let request = desk.ask(desk.login(user, "CHALLENGE").await, None).await.unwrap();
        let permit = desk.support(ANSWER);
        let (approved, declined) = join(
            desk.desk.approve_temporary_access_request(&permit, approve(&request)),
            desk.desk.decline_temporary_access_request(&permit, decline(&request)),
        )
        .await;
        let codes = desk.codes_of(user).await;
        match (approved, declined) {
            (Ok(_), lost) => {
                assert_eq!(refused(lost), (RefusalCode::Conflict, "id".to_owned()));
                assert_eq!(codes.len(), 1);
            }
            (lost, Ok(_)) => {
                assert_eq!(refused(lost), (RefusalCode::Conflict, "id".to_owned()));
                assert!(codes.is_empty(), "a declined request leaves no code");
            }
            both => panic!("nobody won: {both:?}"),
        }
        let again = desk.desk.approve_temporary_access_request(&permit, approve(&request)).await;
        assert_eq!(refused(again), (RefusalCode::Conflict, "id".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_approvals_one_code_comes() {
    let desk = Desk::new().await;
    let (user, _, request) = asked(&desk).await;
    let permit = desk.support(ANSWER);
    let all = join_all((0..8).map(|_| desk.desk.approve_temporary_access_request(&permit, approve(&request)))).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    assert_eq!(desk.codes_of(user).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late() {
    let desk = Desk::new().await;
    let (user, _, request) = asked(&desk).await;
    let permit = desk.support(ANSWER);
    let completed = desk.login(user, "CHALLENGE").await;
    let other = desk.ask(completed, None).await.unwrap();
    desk.run("update login set completed_at = tenant_now($1) where tenant_id = $1 and login_id = $2", completed).await;
    let result = desk.desk.approve_temporary_access_request(&permit, approve(&other)).await;
    assert_eq!(refused(result), (RefusalCode::AlreadyCompleted, "id".to_owned()));
    let still = desk.desk.lookup_request(&desk.support(READ), other.request_id).await.unwrap().unwrap();
    assert_eq!(still.status, RequestStatus::Open, "what was refused is not written");

    desk.bed.advance(desk.tenant, 3_601).await;
    let read = desk.desk.lookup_request(&desk.support(READ), request.request_id).await.unwrap().unwrap();
    assert_eq!(read.status, RequestStatus::Expired);
    let result = desk.desk.approve_temporary_access_request(&permit, approve(&request)).await;
    assert_eq!(refused(result), (RefusalCode::Expired, "id".to_owned()));
    let result = desk.desk.decline_temporary_access_request(&permit, decline(&request)).await;
    assert_eq!(refused(result), (RefusalCode::Expired, "id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_at_the_last_minute_leaves_time_to_read_it_out() {
    let desk = Desk::new().await;
    let (user, login, request) = asked(&desk).await;
    desk.bed.advance(desk.tenant, 3_540).await;
    let permit = desk.support(ANSWER);
    let (issued, _) = desk.desk.approve_temporary_access_request(&permit, approve(&request)).await.unwrap();
    assert_eq!((issued.code.expires_at - issued.code.created_at).num_seconds(), 600);
    desk.bed.advance(desk.tenant, 500).await;
    assert_eq!(desk.prove(login, user, &issued).await, Ok(()), "the login lives as long as its code");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_obeys_the_rules_of_issuing() {
    let desk = Desk::new().await;
    let (user, _, request) = asked(&desk).await;
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    let by_advisor = desk.admin_permit(&advisor, ANSWER);
    let attempt = async |permit: &Permit, input: ApproveRequestInput| {
        refused(desk.desk.approve_temporary_access_request(permit, input).await)
    };
    let not_found = (RefusalCode::NotFound, "id".to_owned());
    assert_eq!(attempt(&by_advisor, approve(&request)).await, not_found);
    let declined = desk.desk.decline_temporary_access_request(&by_advisor, decline(&request)).await;
    assert_eq!(refused(declined), not_found);
    desk.assign(user, &advisor).await;
    let with_factors = ApproveRequestInput { may_change_factors: true, ..approve(&request) };
    let refusal = attempt(&by_advisor, with_factors).await;
    assert_eq!(refusal, (RefusalCode::NotAllowedByPolicy, "mayChangeFactors".to_owned()));
    let no_reason = ApproveRequestInput { reason: String::new(), ..approve(&request) };
    assert_eq!(attempt(&by_advisor, no_reason).await, (RefusalCode::Invalid, "reason".to_owned()));
    let foreign = desk.bed.tenant(Environment::Sandbox).await;
    let theirs = testkit::caller(foreign, &[ApiScope::Support]).permit(ANSWER).unwrap();
    assert_eq!(attempt(&theirs, approve(&request)).await, not_found);
    assert_eq!(desk.desk.lookup_request(&theirs, request.request_id).await.unwrap(), None);

    desk.set_email(user, "advisor@firm.example").await;
    let oneself = attempt(&by_advisor, approve(&request)).await;
    assert_eq!(oneself, (RefusalCode::NotAllowedByPolicy, "id".to_owned()));
    desk.set_email(user, "ann@example.com").await;
    desk.run("update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2", user).await;
    assert_eq!(attempt(&by_advisor, approve(&request)).await, (RefusalCode::UserLocked, "id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_takes_the_place_of_an_older_code() {
    let desk = Desk::new().await;
    let (user, login, request) = asked(&desk).await;
    let older = desk.issue(user).await;
    let permit = desk.support(ANSWER);
    let (answer, _) = desk.desk.approve_temporary_access_request(&permit, approve(&request)).await.unwrap();
    assert_eq!(desk.prove(login, user, &older).await, Err(RefusalCode::NotFound));
    assert_eq!(desk.prove(login, user, &answer).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_and_told_apart() {
    let desk = Desk::new().await;
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    let (mine, other) = (desk.user("mine").await, desk.user("other").await);
    desk.assign(mine, &advisor).await;
    let mut made = Vec::new();
    for user in [mine, other, mine] {
        made.push(desk.ask(desk.login(user, "CHALLENGE").await, None).await.unwrap().request_id);
    }
    let declined = desk.desk.lookup_request(&desk.support(READ), made[0]).await.unwrap().unwrap();
    desk.desk.decline_temporary_access_request(&desk.support(ANSWER), decline(&declined)).await.unwrap();
    let list = async |permit: &Permit, open: Option<bool>, first: i32, after: Option<String>| {
        desk.desk.list_requests(permit, open, &PageRequest::new(first, after).unwrap()).await.unwrap()
    };
    let ids = |page: &core_kernel::Page<TemporaryAccessRequest>| -> Vec<_> {
        page.rows.iter().map(|(_, row)| row.request_id).collect()
    };
    let support = desk.support(READ);
    assert_eq!(ids(&list(&support, None, 10, None).await), [made[2], made[1], made[0]]);
    assert_eq!(ids(&list(&support, Some(true), 10, None).await), [made[2], made[1]]);
    assert_eq!(ids(&list(&support, Some(false), 10, None).await), [made[0]]);
    let own = desk.admin_permit(&advisor, READ);
    assert_eq!(ids(&list(&own, None, 10, None).await), [made[2], made[0]]);
    let first = list(&support, None, 2, None).await;
    assert!(first.has_next);
    let rest = list(&support, None, 2, Some(first.rows[1].0.0.clone())).await;
    assert_eq!((ids(&rest), rest.has_next, rest.has_previous), (vec![made[0]], false, true));
    desk.bed.advance(desk.tenant, 3_601).await;
    assert!(ids(&list(&support, Some(true), 10, None).await).is_empty());
    assert_eq!(list(&support, Some(false), 10, None).await.rows[0].1.status, RequestStatus::Expired);
}
