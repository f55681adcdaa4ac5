//! Crashes, cancellations, and several imports at once.

mod common;

use std::time::Duration;

use common::{Fixture, HEADER, SUGGEST, file, good_rows, quick, slow, text};
use core_access::Operation;
use core_kernel::{ImportId, RefusalCode, TenantId};
use sqlx::Connection as _;
use svc_onboarding::{ImportJob, ImportStatus};
use testkit::Environment;
use tokio_util::sync::CancellationToken;

/// Waits until some rows are in, but not all.
async fn under_way(test: &Fixture, id: ImportId) -> ImportJob {
    for _ in 0..500 {
        let job = test.read(id).await;
        if job.processed_rows > 0 {
            assert!(job.processed_rows < job.total_rows && job.status == ImportStatus::Running, "{job:?}");
            return job;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not move");
}

#[tokio::test]
async fn a_worker_that_dies_loses_nothing_and_does_nothing_twice() {
    let test = Fixture::new().await;
    // The last row repeats an identifier of the first block: it must be known after the crash.
    let sent = test.send(SUGGEST, format!("{}c-0,EXTERNAL,,,\r\n", file(5_000))).await;
    for _ in 0..3 {
        let worker = test.worker(slow());
        let at_work = tokio::spawn(async move { worker.run(CancellationToken::new()).await });
        let before = test.read(sent.id).await.processed_rows;
        for _ in 0..500 {
            if test.read(sent.id).await.processed_rows > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // As a crash ends it: in the middle, without a word.
        at_work.abort();
        let _ = at_work.await;
    }
    let job = test.read(sent.id).await;
    assert!(job.processed_rows > 0 && job.processed_rows < 5_000, "{job:?}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    test.work().await;
    let job = test.read(sent.id).await;
    assert_eq!([job.created_rows, job.unchanged_rows, job.failed_rows, job.processed_rows], [5_000, 0, 1, 5_001]);
    assert_eq!(test.faults(&job).await, [(5_002, "external_id".to_owned())]);
    assert_eq!(test.users().await, 5_000);
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_gives_its_import_back() {
    let test = Fixture::new().await;
    let sent = test.send(SUGGEST, file(5_000)).await;
    let (stop, worker) = (CancellationToken::new(), test.worker(common::resting(0.5)));
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    under_way(&test, sent.id).await;
    stop.cancel();
    running.await.unwrap();
    let job = test.read(sent.id).await;
    assert!(job.status == ImportStatus::Queued && job.processed_rows < 5_000, "{job:?}");
    test.work().await;
    assert_eq!(test.read(sent.id).await.created_rows, 5_000);
}

#[tokio::test]
async fn cancelled_it_stops_and_what_is_in_stays() {
    let test = Fixture::new().await;
    let sent = test.send(SUGGEST, file(5_000)).await;
    let worker = test.worker(common::resting(2.0));
    let running = tokio::spawn(async move { worker.round(&CancellationToken::new()).await });
    under_way(&test, sent.id).await;
    let permit = test.permit(Operation::ImportUsers);
    let ended = test.imports.cancel(&permit, &text(sent.id)).await.unwrap();
    assert_eq!(ended.status, ImportStatus::Canceled);
    running.await.unwrap().unwrap();
    let job = test.read(sent.id).await;
    assert_eq!(job.status, ImportStatus::Canceled);
    assert_eq!(i64::from(job.created_rows), test.users().await);
    assert!(job.created_rows < 5_000);
    assert_eq!(test.count("select count(*) from import_block where tenant_id = $1").await, 0);
    let again = test.imports.cancel(&permit, &text(sent.id)).await.unwrap_err();
    assert_eq!(again.refusal_code(), Some(RefusalCode::Conflict));
}

#[tokio::test]
async fn nobody_sees_or_ends_another_tenants_import() {
    let test = Fixture::new().await;
    let sent = test.send(SUGGEST, file(1)).await;
    let other = test.bed.tenant(Environment::Live).await;
    let (read, write) = (test.permit_of(other, Operation::ReadImports), test.permit_of(other, Operation::ImportUsers));
    assert!(test.imports.lookup(&read, sent.id).await.unwrap().is_none());
    for id in [text(sent.id), "import_".to_owned(), "user_00000000000000000000000000".to_owned()] {
        let refused = test.imports.cancel(&write, &id).await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some(RefusalCode::NotFound));
    }
    assert_eq!(test.read(sent.id).await.status, ImportStatus::Queued);
    assert!(test.imports.refused_rows(&text(sent.id), &"0".repeat(64)).await.unwrap().is_none());
}

#[tokio::test]
async fn one_tenants_imports_run_in_the_order_in_which_they_came() {
    let test = Fixture::new().await;
    let first = test.send(SUGGEST, "external_id,kind,display_name\na,EXTERNAL,First\n").await;
    let second = test.send(SUGGEST, "external_id,kind,display_name\na,EXTERNAL,Second\n").await;
    tokio::join!(test.work(), test.work());
    test.work().await;
    let (first, second) = (test.read(first.id).await, test.read(second.id).await);
    assert_eq!((first.created_rows, second.updated_rows), (1, 1));
    let named = "select count(*) from tenant_user where tenant_id = $1 and display_name = 'Second'";
    assert_eq!(test.count(named).await, 1);
}

#[tokio::test]
async fn a_small_import_does_not_wait_for_a_large_one() {
    let test = Fixture::new().await;
    let large = test.send(SUGGEST, file(20_000)).await;
    let worker = test.worker(quick());
    let running = tokio::spawn(async move { worker.round(&CancellationToken::new()).await });
    under_way(&test, large.id).await;
    let other: TenantId = test.bed.tenant(Environment::Live).await;
    let small = test.send_to(other, SUGGEST, format!("{HEADER}{}", good_rows(0, 50))).await.unwrap();
    let read = test.permit_of(other, Operation::ReadImports);
    while !test.imports.lookup(&read, small.id).await.unwrap().unwrap().status.is_over() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let of_large = test.read(large.id).await;
    assert_eq!(of_large.status, ImportStatus::Running, "{of_large:?}");
    running.await.unwrap().unwrap();
    assert_eq!(test.read(large.id).await.created_rows, 20_000);
    assert_eq!(test.count_of(other, "select count(*) from tenant_user where tenant_id = $1").await, 50);
}

#[tokio::test]
async fn users_whom_others_make_meanwhile_are_updated_and_not_doubled() {
    let test = Fixture::new().await;
    let sent = test.send(SUGGEST, file(3_000)).await;
    let worker = test.worker(quick());
    let running = tokio::spawn(async move { worker.round(&CancellationToken::new()).await });
    for n in (0..3_000).rev().step_by(97) {
        let input = svc_directory::UpsertUserInput {
            external_id: format!("c-{n}"),
            kind: core_policy::UserKind::External,
            display_name: None,
            email: Some(format!("c{n}@client.example")),
            advisor_email: None,
            language: None,
            disabled: None,
        };
        test.directory.upsert_user(&test.permit(Operation::UpsertUser), input).await.unwrap();
    }
    running.await.unwrap().unwrap();
    let job = test.read(sent.id).await;
    assert_eq!((job.status, job.failed_rows), (ImportStatus::Completed, 0), "{:?}", test.errors(&job).await);
    assert_eq!(job.created_rows + job.updated_rows, 3_000);
    assert_eq!(test.users().await, 3_000);
}

#[tokio::test]
async fn an_import_that_never_moves_is_given_up() {
    let test = Fixture::new().await;
    let sent = test.send(SUGGEST, file(1)).await;
    test.write("update import_job set attempts = 6 where tenant_id = $1").await;
    test.work().await;
    let job = test.read(sent.id).await;
    assert_eq!(job.status, ImportStatus::Failed);
    assert_eq!(test.faults(&job).await, [(0, String::new())]);
}

#[tokio::test]
async fn a_tenant_that_no_statistics_know_is_looked_up_by_its_keys_all_the_same() {
    let test = Fixture::new().await;
    let known = test.bed.tenant(Environment::Live).await;
    test.send_to(known, SUGGEST, file(2_000)).await.expect("received");
    test.work().await;
    let mut superuser = sqlx::PgConnection::connect(&test.bed.database.superuser_url()).await.expect("a connection");
    sqlx::query("analyze tenant_user").execute(&mut superuser).await.expect("statistics");
    test.import(SUGGEST, file(4_000)).await;
    assert_eq!(test.users().await, 4_000);
    // Sessions report what they did with some delay.
    let by_key = "select s.idx_scan from pg_stat_user_indexes s where s.relname = 'tenant_user'
                     and s.indexrelname = 'tenant_user_tenant_id_external_id_folded_key' and $1 is not null";
    for _ in 0..300 {
        if test.count(by_key).await >= 6_000 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("another index was used: {} look-ups by key", test.count(by_key).await);
}
