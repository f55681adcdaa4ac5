//! What a login's record holds: enough to decide again, where it came from; and nothing of it when the
//! user is erased.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Principal};
use core_kernel::{
    AccountId, AdminId, Clock, LoginId, Page, PageRequest, SystemClock, SystemEntropy, Timestamp, TypedId, UserId,
};
use core_policy::{FirstFactor, LoginFacts, LoginPurpose, Policy, Risk, SecurityLevel, UserKind, decide, parse_ip};
use io_postgres::{Database, DatabaseOptions, TenantTx};
use serde_json::json;
use sqlx::types::Json;
use std::sync::Arc;
use support::{Fixture, decision, input};
use svc_directory::Directory;
use svc_directory::users::UserRef;
use svc_logins::{CombinerOptions, EvaluateInput, Given, LoginView, Logins, RiskSources};
use svc_platform::Platform;
use svc_policy::Policies;

const HOME: &str = "192.0.2.10";
const ACROSS: &str = "198.51.100.7";
const LONDON: &str = "203.0.113.9";
const NOWHERE: &str = "8.8.8.8";

/// A record, as whoever rehearses a policy reads it.
#[derive(Debug, sqlx::FromRow)]
struct Record {
    purpose: String,
    first_factor: String,
    outcome: String,
    reasons: Vec<String>,
    level: String,
    ip_address: String,
    created_at: Timestamp,
    facts: Json<Given>,
    policy: Json<Policy>,
}

async fn records(f: &Fixture) -> Vec<Record> {
    let mut tx = f.tx().await;
    sqlx::query_as(
        "select l.purpose, l.first_factor, l.outcome, l.reasons, l.level, host(l.ip_address) as ip_address, l.created_at,
                l.facts, p.document as policy
           from login l join policy_version p on p.tenant_id = l.tenant_id and p.version = l.policy_version
          where l.tenant_id = $1 order by l.login_id",
    )
    .bind(f.tenant.0)
    .fetch_all(tx.connection())
    .await
    .unwrap()
}

impl Record {
    /// The decision, made again from the record alone.
    fn decided_again(&self) -> (String, Vec<String>, String) {
        let given = &self.facts.0;
        let login = LoginFacts {
            tenant_suspended: given.suspended,
            purpose: LoginPurpose::parse(&self.purpose).unwrap(),
            first_factor: FirstFactor::parse(&self.first_factor).unwrap(),
            ip: parse_ip(&self.ip_address),
        };
        let speed = self.policy.0.risk.max_travel_speed_kmh;
        let risk = given.risk.as_ref().and_then(|risk| risk.score_at(speed)).map(|score| Risk { score });
        let decision = decide(&self.policy.0, &given.user, &login, risk, self.created_at);
        let reasons = decision.reasons.iter().map(|reason| reason.as_str().to_owned()).collect();
        (decision.outcome.as_str().to_owned(), reasons, decision.level.as_str().to_owned())
    }
}

/// Logins of every outcome; which decisions there were.
async fn all_kinds_of_logins(f: &Fixture) -> Vec<String> {
    let mut seen = Vec::new();
    let now = f.bed.now(f.tenant).await;
    let office = json!([{"cidr": "192.0.2.0/24", "label": "office", "expires_at": null}]);
    f.policy(|policy| {
        policy.internal.trusted_device_seconds = 86_400;
        policy.allowed_networks = serde_json::from_value(office).unwrap();
        policy.risk.deny_threshold = Some(90);
    })
    .await;
    let staff = f.bed.user(f.tenant, "staff", UserKind::Internal).await;
    f.add_phone(staff, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
    f.add_backup_codes(staff).await;
    f.add_temporary_code(staff, false).await;
    let from = |external_id: &str, ip: &str| EvaluateInput { ip_address: ip.to_owned(), ..input(external_id) };
    let mut ask = async |input: EvaluateInput| {
        let login = f.ask(&input).await;
        seen.push(decision(&login));
        login
    };
    ask(from("staff", HOME)).await;
    let first = ask(from("staff", ACROSS)).await;
    let challenge = f.text(&first).await;
    let token = f.verify_as(challenge, &f.code(challenge), true).await.device_token.expect("a token");
    ask(from("staff", ACROSS)).await;
    let device_token = Some(token.expose().clone());
    ask(EvaluateInput { device_token: device_token.clone(), ..from("staff", ACROSS) }).await;
    ask(EvaluateInput { device_token, ..from("staff", "2001:db8:1::7") }).await;
    ask(from("staff", LONDON)).await;
    ask(from("staff", NOWHERE)).await;
    ask(EvaluateInput { purpose: LoginPurpose::StepUp, ..from("staff", HOME) }).await;
    ask(EvaluateInput { first_factor: FirstFactor::OneTimeLink, ..from("staff", ACROSS) }).await;
    f.run("update tenant_user set advisor_level = 'HIGH' where tenant_id = $1 and user_id = $2", staff.0).await;
    ask(from("staff", ACROSS)).await;
    for (change, back) in [
        ("locked_until = 'infinity'", "locked_until = null"),
        ("locked_until = tenant_now($1) + interval '1 hour'", "locked_until = null"),
        ("locked_until = tenant_now($1) - interval '1 hour'", "locked_until = null"),
        ("disabled = true", "disabled = false"),
        ("opted_out_at = now()", "opted_out_at = null"),
    ] {
        set(f, change, staff).await;
        ask(from("staff", ACROSS)).await;
        set(f, back, staff).await;
    }
    f.run("update tenant set status = 'SUSPENDED' where tenant_id = $1 and $2::uuid is not null", staff.0).await;
    ask(from("staff", ACROSS)).await;
    f.run("update tenant set status = 'ACTIVE' where tenant_id = $1 and $2::uuid is not null", staff.0).await;
    f.bed.user(f.tenant, "new", UserKind::External).await;
    ask(from("new", LONDON)).await;
    ask(EvaluateInput { first_factor: FirstFactor::OneTimeLink, ..from("new", LONDON) }).await;
    f.policy(|policy| {
        policy.internal.mandatory_from = Some(now + chrono::Duration::days(3));
        policy.external = policy.internal.clone();
        policy.external.minimum_level = SecurityLevel::High;
    })
    .await;
    ask(from("new", LONDON)).await;
    set(f, "opted_out_at = now()", staff).await;
    ask(from("staff", ACROSS)).await;
    f.policy(|policy| policy.external.enrollment_opens_at = Some(now + chrono::Duration::days(3))).await;
    ask(from("new", LONDON)).await;
    f.policy(|policy| policy.internal.allowed_channels.clear()).await;
    set(f, "opted_out_at = null", staff).await;
    f.run("delete from backup_code where tenant_id = $1 and $2::uuid is not null", staff.0).await;
    f.run("delete from temporary_access_code where tenant_id = $1 and user_id = $2", staff.0).await;
    ask(from("staff", ACROSS)).await;
    seen
}

async fn set(f: &Fixture, change: &str, user: UserId) {
    let mut tx = f.tx().await;
    let sql = format!("update tenant_user set {change} where tenant_id = $1 and user_id = $2");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(f.tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_can_be_made_again_from_its_record() {
    let f = Fixture::in_the_world().await;
    let decided = all_kinds_of_logins(&f).await;
    for expected in [
        "ALLOW ALLOWED_NETWORK",
        "ALLOW LOW_RISK",
        "ALLOW TRUSTED_DEVICE",
        "ALLOW OPTED_OUT",
        "ALLOW ENROLLMENT_NOT_OPEN",
        "CHALLENGE RISK_DETECTED",
        "CHALLENGE ADAPTIVE_NOT_STARTED",
        "CHALLENGE STEP_UP",
        "CHALLENGE ONE_TIME_LINK",
        "CHALLENGE HIGH_LEVEL",
        "CHALLENGE OPT_OUT_ENDED",
        "ENROLL ENROLLMENT_REQUIRED",
        "ENROLL ONE_TIME_LINK ENROLLMENT_REQUIRED",
        "ENROLL ENROLLMENT_OPTIONAL",
        "DENY TENANT_SUSPENDED",
        "DENY USER_LOCKED",
        "DENY USER_DISABLED",
        "DENY RISK_TOO_HIGH",
        "DENY NO_USABLE_FACTOR",
    ] {
        assert!(decided.iter().any(|one| one == expected), "{expected} is not among {decided:#?}");
    }
    let records = records(&f).await;
    assert_eq!(records.len(), decided.len());
    for (record, decided) in records.iter().zip(&decided) {
        let again = record.decided_again();
        assert_eq!(again, (record.outcome.clone(), record.reasons.clone(), record.level.clone()), "{decided}");
        assert_eq!(format!("{} {}", again.0, again.1.join(" ")), *decided);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_says_where_it_came_from_wherever_it_is_read() {
    let f = Fixture::in_the_world().await;
    f.phone_user("ann").await;
    let asked = f.evaluate_from("ann", LONDON).await;
    let place = asked.location.clone().expect("a place");
    assert_eq!((place.city.as_deref(), place.country.as_deref()), (Some("London"), Some("GB")));
    assert_eq!((place.latitude, place.longitude), (Some(51.5074), Some(-0.1278)));
    let permit = f.permit(Operation::ReadLogin);
    let read = f.logins.lookup_login(&permit, asked.login_id).await.unwrap().expect("the login");
    assert_eq!((read.location, read.risk_score), (asked.location.clone(), asked.risk_score));
    assert_eq!(f.prove(&asked).await.location, asked.location);
    assert_eq!(f.evaluate_from("ann", NOWHERE).await.location, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logins_of_several_users_are_paged_together_as_each_by_itself() {
    let f = Fixture::new().await;
    let (ann, bob, eve) = (f.phone_user("ann").await, f.phone_user("bob").await, f.phone_user("eve").await);
    let mut of_ann = vec![];
    for _ in 0..3 {
        of_ann.push(f.evaluate("ann").await.login_id);
    }
    of_ann.sort_unstable_by_key(|login| std::cmp::Reverse(login.0));
    let of_bob = f.evaluate("bob").await.login_id;
    let permit = testkit::caller(f.tenant, &[ApiScope::Read]).permit(Operation::ReadLogins).unwrap();
    let ids = |page: &Page<LoginView>| page.rows.iter().map(|(_, view)| view.login_id).collect::<Vec<_>>();

    let page = PageRequest { first: 2, after: None };
    let pages = f.logins.list_logins_of(&permit, &[ann, bob, eve], &page).await.unwrap();
    assert_eq!((ids(&pages[&ann]), pages[&ann].has_next), (of_ann[..2].to_vec(), true));
    assert_eq!((ids(&pages[&bob]), pages[&bob].has_next), (vec![of_bob], false));
    assert!(pages[&eve].rows.is_empty() && !pages[&eve].has_next);

    let rest = PageRequest { first: 2, after: Some(of_ann[1].to_text()) };
    let pages = f.logins.list_logins_of(&permit, &[ann, eve], &rest).await.unwrap();
    assert_eq!((ids(&pages[&ann]), pages[&ann].has_previous), (of_ann[2..].to_vec(), true));

    let stranger = LoginId::new(&SystemEntropy, SystemClock.now());
    let found = f.logins.lookup_logins(&permit, &[of_ann[0], of_bob, stranger]).await.unwrap();
    let users: Vec<_> = [of_ann[0], of_bob, stranger].iter().map(|id| found.get(id).map(|view| view.user_id)).collect();
    assert_eq!(users, [Some(ann), Some(bob), None]);
    f.run("update tenant_user set advisor_id = user_id where tenant_id = $1 and user_id = $2", bob.0).await;
    let (id, account, email) = (AdminId(bob.0), AccountId(bob.0), "advisor@firm.example".to_owned());
    let principal = Principal::Admin(Actor { id, account, email, role: AdminRole::Advisor });
    let advisor = Caller { tenant: f.tenant, principal, actor: None, ip: None }.permit(Operation::ReadLogins).unwrap();
    let found = f.logins.lookup_logins(&advisor, &[of_ann[0], of_bob]).await.unwrap();
    assert_eq!(found.into_keys().collect::<Vec<_>>(), [of_bob], "an advisor sees those of their own users");
    let pages = f.logins.list_logins_of(&advisor, &[ann, bob], &page).await.unwrap();
    assert_eq!((ids(&pages[&ann]), ids(&pages[&bob])), (vec![], vec![of_bob]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erased_user_no_column_knows_where_or_on_what() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    let ann = f.phone_user("ann").await;
    let agent = Some("Mozilla/5.0 (Windows NT 10.0) Vivaldi/7".to_owned());
    let unusual = EvaluateInput { ip_address: LONDON.to_owned(), user_agent: agent, ..input("ann") };
    let login = f.ask(&unusual).await;
    let challenge = f.text(&login).await;
    assert!(f.verify_as(challenge, &f.code(challenge), true).await.device_token.is_some());
    f.bed.advance(f.tenant, 60).await;
    f.ask(&EvaluateInput { ip_address: "2001:db8:2::77".to_owned(), ..unusual.clone() }).await;
    assert!(!traces(&f).await.is_empty(), "the search finds what there is");
    let directory = Directory::new(f.bed.platform.clone(), f.policies.clone());
    let permit = testkit::caller(f.tenant, &[ApiScope::Users]).permit(Operation::DeleteUser).unwrap();
    directory.delete_user(&permit, &UserRef::Id(ann.to_text())).await.unwrap();
    assert_eq!(traces(&f).await, Vec::<String>::new());
    let memory = f.memory(ann).await;
    assert_eq!((memory.seen.len(), memory.logins(), memory.north()), (0, 0, None));
    assert_eq!((memory.last_completed_at, memory.last_position_at, memory.last_accuracy_km), (None, None, None));
    let kept = "select count(*) from login where tenant_id = $1 and user_id = $2";
    assert_eq!(f.scalar::<i64>(kept, ann.0).await, 2, "what was decided stays");
    let pseudonymous = "select count(*) from login where tenant_id = $1 and user_id = $2
                           and facts is null and seen = '{}' and risk_signals = '[]' and user_agent is null";
    assert_eq!(f.scalar::<i64>(pseudonymous, ann.0).await, 2);
}

/// Every table that holds a word of where the user was or on what, as a superuser sees all of them.
async fn traces(f: &Fixture) -> Vec<String> {
    let mut superuser = f.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname not in ('price_country', 'price', 'price_list', '_sqlx_migrations', 'policy_version')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let mut traces = Vec::new();
    for table in tables {
        let sql = format!(
            "select count(*) from {table} t where t::text ~* '203\\.0\\.113|2001:db8|london|sydney|\"GB\"|,GB,|,AU,|Vivaldi|51\\.5074|-33\\.8688'"
        );
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut superuser).await.unwrap();
        if count > 0 {
            traces.push(format!("{table}: {count}"));
        }
    }
    traces
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_two_round_trips_and_a_verification_one() {
    let f = Fixture::new().await;
    for user in ["ann", "bob"] {
        let user = f.phone_user(user).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
    }
    let challenges = [f.challenged("ann").await.1, {
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", f.tenant.0).await;
        f.challenged("bob").await.1
    }];
    let name: String =
        sqlx::query_scalar("select current_database()::text").fetch_one(&mut f.superuser().await).await.unwrap();
    let counting = format!("alter database {name} set track_functions = 'pl'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(counting)).execute(&mut f.superuser().await).await.unwrap();

    // A server of its own, whose pool has one connection; that is taken away once the caches are warm.
    let options = DatabaseOptions { max_connections: 1, ..DatabaseOptions::new(f.bed.database.app_url()) };
    let database = Database::connect_lazy(&options).unwrap();
    let keys = svc_platform::Keys::load(&database, testkit::test_master_key()).await.unwrap();
    let platform =
        Platform::new(database.clone(), Arc::new(SystemClock), Arc::new(SystemEntropy), keys, "http://localhost:8080");
    let limits = Arc::new(io_limits::Limits::new(&io_limits::LimitsConfig::default(), Arc::new(SystemClock)).unwrap());
    let risk = RiskSources::without_files(Arc::new(SystemClock));
    let policies = Policies::new(platform.clone());
    let logins = Logins::new(platform.clone(), policies, limits, risk, CombinerOptions::default());
    let served = Fixture { logins, ..f };
    for challenge in challenges {
        if challenge == challenges[0] {
            served.evaluate("ann").await;
            served.verify_as(challenge, &served.code(challenge), true).await;
            continue;
        }
        let taken = TenantTx::begin(&database, served.tenant).await.unwrap();
        assert_eq!(decision(&served.evaluate("ann").await), "ALLOW LOW_RISK");
        assert_eq!(decision(&served.evaluate("bob").await), "CHALLENGE RISK_DETECTED");
        let verified = served.verify_as(challenge, &served.code(challenge), true).await;
        assert_eq!(support::code_of(&verified), "OK");
        drop(taken);
    }
    let mut superuser = served.superuser().await;
    let Fixture { logins, bed, .. } = served;
    drop((logins, database));
    let expected = [("hot_load_batch", 3_i64), ("hot_record_login_batch", 3), ("hot_verify_batch", 2)];
    let expected = expected.map(|(name, calls)| (name.to_owned(), calls)).to_vec();
    let mut counted = Vec::new();
    // A connection tells its counts when it ends, or has been idle for ten seconds.
    for _ in 0..750 {
        counted = sqlx::query_as::<_, (String, i64)>(
            "select funcname::text, calls from pg_stat_user_functions where funcname like 'hot%batch' order by 1",
        )
        .fetch_all(&mut superuser)
        .await
        .unwrap();
        if counted == expected {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(counted, expected);
    drop(bed);
}
