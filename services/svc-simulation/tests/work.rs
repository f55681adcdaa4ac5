//! Asking for simulations, and workers that come and go.

mod common;

use std::time::Duration;

use common::{Fixture, draft, high, quick, slow};
use core_access::{Actor, AdminRole, Operation, Principal};
use core_kernel::{AccountId, AdminId, PolicySimulationId, RefusalCode, SystemEntropy, TypedId};
use core_policy::{Channel, PolicyDraft};
use svc_simulation::{SimulatePolicyInput, Simulation, SimulationOptions, SimulationStatus};
use testkit::Environment;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

async fn with_logins() -> Fixture {
    let test = Fixture::new().await;
    test.user("ann", &["PHONE_PRIMARY"]).await;
    for _ in 0..5 {
        test.log_in("ann").await;
    }
    test
}

fn run(test: &Fixture, options: SimulationOptions, stop: &CancellationToken) -> JoinHandle<()> {
    let (worker, stop) = (test.worker(options), stop.clone());
    tokio::spawn(async move { worker.run(stop).await })
}

/// Waits until it is so.
async fn until(test: &Fixture, simulation: &Simulation, so: impl Fn(&Simulation) -> bool) -> Simulation {
    for _ in 0..500 {
        let now = test.read(simulation).await;
        if so(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never was: {:?}", test.read(simulation).await)
}

fn under_way(simulation: &Simulation) -> bool {
    simulation.status == SimulationStatus::Running && simulation.logins_replayed == 1
}

fn completed(simulation: &Simulation) -> bool {
    simulation.status == SimulationStatus::Completed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_could_not_be_published_is_refused_whole() {
    let test = Fixture::new().await;
    let permit = test.permit(Operation::SimulatePolicy);
    let input = SimulatePolicyInput { draft: PolicyDraft::default(), days: 0 };
    let stop = test.simulations.start(&permit, &input).await.unwrap_err();
    let core_kernel::Stop::Refused(refusals) = stop else { panic!("{stop:?}") };
    let fields: Vec<_> = refusals.iter().map(|one| one.field.join(".")).collect();
    assert_eq!(fields, ["days", "policy.internal.allowedChannels", "policy.external.allowedChannels"]);
    assert!(!test.work(quick()).await, "nothing was queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_one_simulation_at_a_time() {
    let test = with_logins().await;
    let first = test.start(high(), 30).await;
    assert_eq!((first.status, first.days), (SimulationStatus::Queued, 30));
    let permit = test.permit(Operation::SimulatePolicy);
    let input = SimulatePolicyInput { draft: high(), days: 1 };
    let (one, two) = tokio::join!(test.simulations.start(&permit, &input), test.simulations.start(&permit, &input));
    for refused in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!(refused.refusal_code(), Some(RefusalCode::Conflict));
        assert!(format!("{refused:?}").contains(&first.id.to_text()), "it says which: {refused:?}");
    }
    let other = Fixture { tenant: test.bed.tenant(Environment::Live).await, ..test };
    other.start(high(), 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_too_often_is_refused() {
    let test = Fixture::new().await;
    let permit = test.permit(Operation::SimulatePolicy);
    let input = SimulatePolicyInput { draft: high(), days: 30 };
    for _ in 0..6 {
        let _ = test.simulations.start(&permit, &input).await;
    }
    let stop = test.simulations.start(&permit, &input).await.unwrap_err();
    assert!(matches!(stop, core_kernel::Stop::Fault(core_kernel::Fault::RateLimited { .. })), "{stop:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_stays_cancelled_and_makes_room() {
    let test = with_logins().await;
    let permit = test.permit(Operation::SimulatePolicy);
    let queued = test.start(high(), 30).await;
    let cancelled = test.simulations.cancel(&permit, &queued.id.to_text()).await.unwrap();
    assert_eq!(cancelled.status, SimulationStatus::Canceled);
    assert!(cancelled.finished_at.is_some() && !test.work(quick()).await);
    let again = test.simulations.cancel(&permit, &queued.id.to_text()).await.unwrap_err();
    assert_eq!(again.refusal_code(), Some(RefusalCode::Conflict));
    assert!(completed(&test.simulate(high(), 30).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stops_at_the_page_after_which_its_simulation_was_cancelled() {
    let test = with_logins().await;
    let stop = CancellationToken::new();
    let started = test.start(high(), 30).await;
    // A rest of a moment between pages.
    let worker = run(&test, SimulationOptions { rest: 15.0, ..slow() }, &stop);
    until(&test, &started, |now| now.logins_replayed >= 1).await;
    test.simulations.cancel(&test.permit(Operation::SimulatePolicy), &started.id.to_text()).await.unwrap();
    let next = test.start(high(), 30).await;
    until(&test, &next, completed).await;
    let ended = test.read(&started).await;
    assert_eq!(ended.status, SimulationStatus::Canceled);
    assert!(ended.logins_replayed < 5 && ended.transitions.is_empty(), "{ended:?}");
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_left_is_taken_up_by_another_when_its_lease_runs_out() {
    let test = with_logins().await;
    let started = test.start(draft(&[Channel::Totp]), 30).await;
    let victim = run(&test, slow(), &CancellationToken::new());
    until(&test, &started, under_way).await;
    victim.abort();
    assert!(victim.await.unwrap_err().is_cancelled());
    assert!(!test.work(quick()).await, "the lease has not run out");

    let stop = CancellationToken::new();
    let heir = run(&test, SimulationOptions { poll: Duration::from_millis(20), ..quick() }, &stop);
    let found = until(&test, &started, completed).await;
    assert_eq!((found.logins_replayed, found.users_locked_out), (5, 1), "each counted once");
    assert_eq!(test.locked_out(&found).await, ["ann"]);
    stop.cancel();
    heir.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_through_its_lease_writes_nothing_any_more() {
    let test = with_logins().await;
    let started = test.start(draft(&[Channel::Totp]), 30).await;
    let stop = CancellationToken::new();
    // It rests a few seconds after each page, and its lease is shorter.
    let sleeper = run(&test, SimulationOptions { rest: 200.0, lease: Duration::from_millis(50), ..slow() }, &stop);
    until(&test, &started, under_way).await;
    let heir = SimulationOptions { poll: Duration::from_millis(10), ..quick() };
    let heir = run(&test, heir, &stop);
    let found = until(&test, &started, completed).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(test.read(&started).await, found);
    assert_eq!(found.logins_replayed, 5);
    stop.cancel();
    sleeper.await.unwrap();
    heir.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_gives_its_simulation_back_at_once() {
    let test = with_logins().await;
    let started = test.start(high(), 30).await;
    let stop = CancellationToken::new();
    let worker = run(&test, SimulationOptions { lease: Duration::from_secs(3_600), ..slow() }, &stop);
    until(&test, &started, under_way).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), worker).await.expect("at once").unwrap();
    assert_eq!(test.read(&started).await.status, SimulationStatus::Queued);
    assert!(test.work(quick()).await);
    assert_eq!(test.read(&started).await.logins_replayed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_that_breaks_its_workers_is_given_up() {
    let test = with_logins().await;
    let started = test.start(high(), 30).await;
    test.write("update policy_simulation set attempts = 5 where tenant_id = $1", None).await;
    assert!(test.work(quick()).await);
    let failed = test.read(&started).await;
    assert_eq!((failed.status, failed.failure.as_deref()), (SimulationStatus::Failed, Some("It broke off too often.")));
    test.start(high(), 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_deleted_after_a_day_with_the_users_it_names() {
    let test = with_logins().await;
    let found = test.simulate(draft(&[Channel::Totp]), 30).await;
    assert!(!test.work(quick()).await && test.read(&found).await == found, "it is kept");
    let mut tx = test.tx().await;
    let left: chrono::TimeDelta = {
        let due: chrono::DateTime<chrono::Utc> =
            sqlx::query_scalar("select due_at from policy_simulation where tenant_id = $1")
                .bind(test.tenant.0)
                .fetch_one(tx.connection())
                .await
                .unwrap();
        due - test.bed.platform.now()
    };
    tx.rollback().await.unwrap();
    assert!((23..=24).contains(&left.num_hours()), "{left}");
    test.write("update policy_simulation set due_at = now() where tenant_id = $1", None).await;
    assert!(!test.work(quick()).await, "deleting is no running");
    let permit = test.permit(Operation::ReadPolicy);
    assert_eq!(test.simulations.lookup(&permit, found.id).await.unwrap(), None);
    let mut tx = test.tx().await;
    let users: i64 =
        sqlx::query_scalar("select count(*) from policy_simulation_user").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(users, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_is_nobody_elses() {
    let test = with_logins().await;
    let found = test.simulate(draft(&[Channel::Totp]), 30).await;
    let own = test.permit(Operation::ReadPolicy);
    let absent = PolicySimulationId::new(&SystemEntropy, test.bed.platform.now());
    assert_eq!(test.simulations.lookup(&own, absent).await.unwrap(), None);

    let mut advisor = own.caller().clone();
    advisor.principal = Principal::Admin(Actor {
        id: AdminId::new(&SystemEntropy, test.bed.platform.now()),
        account: AccountId::new(&SystemEntropy, test.bed.platform.now()),
        email: "advisor@firm.example".to_owned(),
        role: AdminRole::Advisor,
    });
    assert!(advisor.permit(Operation::SimulatePolicy).is_err());
    let advisor = advisor.permit(Operation::ReadPolicy).unwrap();
    assert_eq!(test.simulations.lookup(&advisor, found.id).await.unwrap(), None);
    let page = core_kernel::PageRequest::new(9, None).unwrap();
    assert!(test.simulations.locked_out(&advisor, found.id, &page).await.unwrap().rows.is_empty());

    let other = Fixture { tenant: test.bed.tenant(Environment::Live).await, ..test };
    let permit = other.permit(Operation::ReadPolicy);
    assert_eq!(other.simulations.lookup(&permit, found.id).await.unwrap(), None);
    assert!(other.simulations.locked_out(&permit, found.id, &page).await.unwrap().rows.is_empty());
    let permit = other.permit(Operation::SimulatePolicy);
    for id in [found.id.to_text(), absent.to_text(), "simulation_".to_owned()] {
        let stop = other.simulations.cancel(&permit, &id).await.unwrap_err();
        assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound), "{id}");
    }
}
