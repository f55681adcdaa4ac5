//! What is written about a user while the user is being erased: by a login that was being evaluated, a
//! message that was on its way, a visit that was noted. None of it stays.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use chrono::TimeDelta;
use common::Fixture;
use core_access::{ApiScope, Operation};
use core_kernel::{TenantId, UserId};
use svc_directory::UserRef;
use testkit::{Environment, caller};

/// What a request that began before writes after; the address of [`common::LOGIN`] is among it.
const LATE: [&str; 6] = [
    common::LOGIN,
    common::MESSAGE,
    common::FACTOR,
    common::LINK,
    "insert into idempotency_key select $1, uuid_v7(), 'name of ann', '\\x00', l.login_id, tenant_now($1) + interval '1 hour'
       from login l where l.tenant_id = $1 and l.user_id = $2",
    "update tenant_user set seen = '{7}', last_latitude = 1, last_longitude = 1, last_position_at = now(),
            login_hours = decode(repeat('01', 24), 'hex') where tenant_id = $1 and user_id = $2",
];

const TRACES: &str = "select (select count(*) from login where tenant_id = $1 and (ip_address <> '0.0.0.0' or facts is not null or user_agent is not null))
    + (select count(*) from message where tenant_id = $1 and (destination_sealed is not null or params <> '{}' or status = 'QUEUED'))
    + (select count(*) from factor where tenant_id = $1) + (select count(*) from one_time_link where tenant_id = $1)
    + (select count(*) from idempotency_key where tenant_id = $1)
    + (select count(*) from tenant_user where tenant_id = $1 and (seen <> '{}' or last_latitude is not null or get_byte(login_hours, 0) > 0))";

async fn delete(f: &Fixture, tenant: TenantId, name: &str) -> UserId {
    let permit = caller(tenant, &[ApiScope::Users]).permit(Operation::UpsertUser).unwrap();
    f.directory.delete_user(&permit, &UserRef::ExternalId(name.into())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_is_looked_after_once_nothing_can_be_under_way() {
    let f = Fixture::new().await;
    let (tenant, bystander) = (f.bed.tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    f.user(tenant, "ann").await;
    let ann = delete(&f, tenant, "ann").await;
    for late in LATE {
        f.run(tenant, late, ann.0).await;
    }
    let before = f.everything(bystander).await;
    assert_eq!(f.number(tenant, TRACES).await, 6);
    assert_eq!(f.directory.finish_erasures(f.now()).await.unwrap(), 0, "more may come");
    assert_eq!(f.number(tenant, TRACES).await, 6);
    let later = f.now() + TimeDelta::minutes(16);
    assert_eq!(f.directory.finish_erasures(later).await.unwrap(), 1);
    assert_eq!(f.number(tenant, TRACES).await, 0);
    assert_eq!(f.directory.finish_erasures(later).await.unwrap(), 0, "once");
    assert_eq!(f.everything(bystander).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_whose_clock_was_moved_waits_no_less_and_no_more() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Sandbox).await;
    f.bed.advance(tenant, 400 * 86_400).await;
    f.user(tenant, "ann").await;
    let ann = delete(&f, tenant, "ann").await;
    f.run(tenant, common::LOGIN, ann.0).await;
    assert_eq!(f.directory.finish_erasures(f.now()).await.unwrap(), 0);
    assert_eq!(f.directory.finish_erasures(f.now() + TimeDelta::minutes(16)).await.unwrap(), 1);
    assert_eq!(f.number(tenant, TRACES).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_looked_after_by_several_workers_each_once() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Live).await;
    for n in 0..120 {
        let user = f.user(tenant, &format!("user{n}")).await;
        f.run(tenant, common::LOGIN, user.0).await;
        delete(&f, tenant, &format!("user{n}")).await;
    }
    f.run(tenant, "update login set user_agent = 'late' where tenant_id = $1 and $2::uuid is not null", tenant.0).await;
    let later = f.now() + TimeDelta::minutes(16);
    let done = futures::future::join_all((0..3).map(|_| f.directory.finish_erasures(later))).await;
    let done: u64 = done.into_iter().map(Result::unwrap).sum();
    let rest = f.directory.finish_erasures(later).await.unwrap();
    assert_eq!((done + rest, f.number(tenant, TRACES).await), (120, 0));
}
