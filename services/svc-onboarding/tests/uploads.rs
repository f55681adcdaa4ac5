//! Files on their way: what arrives whole, and what does not.

mod common;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use common::{Fixture, HEADER, SUGGEST, file, refusal, upload};
use core_access::Operation;
use futures::{StreamExt as _, stream};
use svc_onboarding::{FileUpload, ImportLimits, UploadFault, UserImportOptions};

async fn leftovers(test: &Fixture) -> i64 {
    test.count("select (select count(*) from import_job where tenant_id = $1) + (select count(*) from import_block where tenant_id = $1)")
        .await
}

/// What nobody finishes goes; perhaps not at once, since what was dropped may still be on its way.
async fn swept(test: &Fixture) {
    for _ in 0..250 {
        test.write("update import_job set due_at = now() where tenant_id = $1").await;
        test.work().await;
        if leftovers(test).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("what nobody finishes was not swept");
}

fn broken(fault: UploadFault) -> FileUpload {
    let many = (0..40).map(|_| Ok(Bytes::from(format!("{HEADER}{}", "x".repeat(100_000)))));
    let content = stream::iter(many.chain([Err(fault)])).boxed();
    FileUpload { name: "u.csv".to_owned(), content }
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let test = Fixture::new().await;
    let permit = test.permit(Operation::ImportUsers);
    for fault in [UploadFault::BrokenOff, UploadFault::TooLong, UploadFault::Malformed] {
        let taken = test.imports.receive_users(&permit, SUGGEST, broken(fault)).await;
        assert!(!refusal(taken).is_empty());
        assert_eq!(leftovers(&test).await, 0, "{fault:?}");
    }
}

#[tokio::test]
async fn an_upload_whose_server_dies_is_shown_to_nobody_and_swept() {
    let test = Fixture::new().await;
    let (imports, permit) = (test.imports.clone(), test.permit(Operation::ImportUsers));
    let arriving = stream::iter([Ok(Bytes::from(file(30_000)))]).chain(stream::pending()).boxed();
    let upload = FileUpload { name: "u.csv".to_owned(), content: arriving };
    let taking = tokio::spawn(async move { imports.receive_users(&permit, SUGGEST, upload).await });
    while leftovers(&test).await < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(test.list().await.is_empty(), "what is arriving is nobody's to see");
    test.work().await;
    assert_eq!(test.users().await, 0, "nor to work on");
    taking.abort();
    let _ = taking.await;
    assert!(leftovers(&test).await > 1);
    swept(&test).await;
}

/// Polls `work` so many times at most, and drops it then, as a server does with a request whose client hung up.
async fn dropped_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| match left.checked_sub(1) {
        None => Poll::Ready(None),
        Some(fewer) => {
            left = fewer;
            work.as_mut().poll(context).map(Some)
        }
    })
    .await
}

#[tokio::test]
async fn a_sender_that_hangs_up_at_any_moment_spoils_no_connection() {
    let test = Fixture::new().await;
    let permit = test.permit(Operation::ImportUsers);
    let content = file(20_000);
    for polls in 1.. {
        let sent = test.imports.receive_users(&permit, SUGGEST, upload(content.clone()));
        if let Some(job) = dropped_after(polls, sent).await {
            assert_eq!(job.expect("sent whole").total_rows, 20_000);
            assert!(polls > 3, "it waited for the database in the middle");
            return;
        }
        swept(&test).await;
        assert_eq!(test.users().await, 0, "after {polls} polls");
    }
}

#[tokio::test]
async fn no_more_is_taken_than_can_be_sent_on() {
    let test = Fixture::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    // A sender that has everything ready: it is asked for a piece only when the last one is dealt with.
    let pieces =
        stream::iter(std::iter::once(HEADER.to_owned()).chain((0..300).map(|n| common::good_rows(n * 100, 100))));
    let content = pieces.map(move |piece| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Bytes::from(piece))
    });
    let upload = FileUpload { name: "u.csv".to_owned(), content: content.boxed() };
    let permit = test.permit(Operation::ImportUsers);
    let job = test.imports.receive_users(&permit, SUGGEST, upload).await.unwrap();
    assert_eq!((job.total_rows, asked.load(Ordering::SeqCst)), (30_000, 301));
    let longest = "select max(length(sealed))::bigint from import_block where tenant_id = $1";
    assert!(test.count(longest).await < 70_000);
}

#[tokio::test]
async fn what_is_too_much_is_told() {
    let limits = ImportLimits { max_rows: 100, max_unfinished: 2, ..ImportLimits::default() };
    let test = Fixture::with_limits(limits).await;
    assert!(refusal(test.send_to(test.tenant, SUGGEST, file(101)).await).contains("100 rows"));
    assert_eq!(leftovers(&test).await, 0);
    for _ in 0..2 {
        test.send(UserImportOptions::default(), file(100)).await;
    }
    assert!(refusal(test.send_to(test.tenant, SUGGEST, file(1)).await).contains("2 imports"));
    test.work().await;
    test.send(SUGGEST, file(1)).await;
}

#[tokio::test]
async fn a_file_that_comes_slowly_is_still_arriving() {
    let limits = ImportLimits { renew_every: Duration::from_millis(30), max_arriving: 1, ..ImportLimits::default() };
    let test = Fixture::with_limits(limits).await;
    let rows = std::iter::once(HEADER.to_owned()).chain((0..40).map(|n| common::good_rows(n, 1)));
    let slowly = stream::iter(rows).then(|row| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Bytes::from(row))
    });
    let slow = FileUpload { name: "u.csv".to_owned(), content: slowly.boxed() };
    let (imports, permit) = (test.imports.clone(), test.permit(Operation::ImportUsers));
    let taking = tokio::spawn(async move { imports.receive_users(&permit, SUGGEST, slow).await });
    while leftovers(&test).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let due = "select (extract(epoch from max(due_at)) * 1000)::bigint from import_job where tenant_id = $1";
    let first = test.count(due).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(test.count(due).await > first + 200, "its end is moved forward, though nothing was full yet");
    assert!(refusal(test.send_to(test.tenant, SUGGEST, file(1)).await).contains("1 files"));
    assert_eq!(taking.await.unwrap().unwrap().total_rows, 40);
}

#[tokio::test]
async fn names_of_files_are_kept_short_and_clean() {
    let test = Fixture::new().await;
    let permit = test.permit(Operation::ImportUsers);
    let named = FileUpload { name: format!("a\r\n{}", "x".repeat(1_000)), ..upload(HEADER) };
    let job = test.imports.receive_users(&permit, SUGGEST, named).await.unwrap();
    assert_eq!((job.file_name.len(), job.file_name.contains('\n')), (255, false));
    assert_eq!(test.list().await[0].id, job.id);
}

#[tokio::test]
async fn refused_rows_are_kept_for_a_while() {
    let test = Fixture::new().await;
    let job = test.import(SUGGEST, "external_id,kind\n,EXTERNAL\n").await;
    assert!(test.refused(&job).await.contains("external_id: "));
    test.write("update import_job set due_at = now() where tenant_id = $1").await;
    test.work().await;
    let job = test.read(job.id).await;
    assert_eq!(job.failed_rows, 1);
    assert!(test.imports.errors_url(&job).is_none() && test.errors(&job).await.is_empty());
}
