//! Files of users, from the first byte to the last row.

mod common;

use std::collections::BTreeSet;

use common::{Fixture, HEADER, REHEARSE, SUGGEST, TRUST, file, good_rows, phone};
use core_access::Operation;
use core_policy::UserKind;
use svc_directory::UserRef;
use svc_onboarding::ImportStatus;
use testkit::Environment;

const ROWS: usize = 20_000;

/// A row that is wrong in one of ten ways.
fn wrong(way: usize, n: usize) -> Vec<u8> {
    let good = n - 1;
    match way {
        0 => format!("c-{good},EXTERNAL,Twice,,\r\n").into_bytes(),
        1 => format!("\u{ff23}-{good},EXTERNAL,Twice,,\r\n").into_bytes(),
        2 => format!("W-{n},EXTERNAL,Bad Number,,+1 415 555\r\n").into_bytes(),
        3 => format!("W-{n},EXTERNAL,\"Two\r\nLines\",,\r\n").into_bytes(),
        4 => format!("W-{n},EXTERNAL\r\n").into_bytes(),
        5 => format!("W-{n},EXTERNAL,Too,many,,fields\r\n").into_bytes(),
        6 => format!("W-{n},EXTERNAL,{},,\r\n", "x".repeat(if n < 1_000 { 1 << 20 } else { 70_000 })).into_bytes(),
        7 => [format!("W-{n},EXTERNAL,").as_bytes(), b"\xff\xfe\xfd,,\r\n"].concat(),
        8 => format!("W-{n},EXTERNAL,=HYPERLINK(A1),,\r\n").into_bytes(),
        _ => format!("W-{n},CLIENT,No Such Kind,,\r\n").into_bytes(),
    }
}

/// Rows of which a hundredth is wrong, the lines on which those begin, and how many are good.
fn mixed() -> (Vec<u8>, BTreeSet<i32>, usize) {
    let mut file = format!("\u{feff}{HEADER}").into_bytes();
    let (mut line, mut lines, mut good) = (2, BTreeSet::new(), 0);
    for n in 0..ROWS {
        if n % 100 == 50 {
            let way = n / 100 % 10;
            file.extend(wrong(way, n));
            lines.insert(line);
            line += if way == 3 { 2 } else { 1 };
        } else {
            file.extend(good_rows(n, 1).into_bytes());
            (line, good) = (line + 1, good + 1);
        }
    }
    (file, lines, good)
}

#[tokio::test]
async fn every_good_row_is_in_every_bad_one_is_named_and_again_nothing_changes() {
    let test = Fixture::new().await;
    let bystander = test.bed.tenant(Environment::Live).await;
    test.bed.user(bystander, "C-1", UserKind::Internal).await;
    let (file, wrong, good) = mixed();

    let job = test.import(SUGGEST, file.clone()).await;
    assert_eq!(job.status, ImportStatus::CompletedWithErrors);
    let counts = |job: &svc_onboarding::ImportJob| {
        [job.total_rows, job.processed_rows, job.created_rows, job.updated_rows, job.unchanged_rows, job.failed_rows]
    };
    let (rows, good, bad) = (ROWS as i32, good as i32, wrong.len() as i32);
    assert_eq!(counts(&job), [rows, rows, good, 0, 0, bad]);
    let refused = test.refused(&job).await;
    let named: BTreeSet<i32> =
        refused.split("\r\n").skip(1).filter_map(|row| row.split(',').next()?.parse().ok()).collect();
    assert_eq!(named, wrong);
    assert_eq!(test.users().await, i64::from(good));
    let suggested = "select count(*) from factor where tenant_id = $1 and status = 'PENDING' and suggested and kind = 'PHONE_PRIMARY'";
    assert_eq!(test.count(suggested).await, i64::from(good));

    let again = test.import(SUGGEST, file).await;
    assert_eq!(counts(&again), [rows, rows, 0, 0, good, bad]);
    assert_eq!(test.count("select count(*) from factor where tenant_id = $1").await, i64::from(good));
    assert_eq!(test.count("select count(*) from import_block where tenant_id = $1").await, 0, "the file is gone");

    let theirs = "select count(*) from tenant_user where tenant_id = $1 and kind = 'INTERNAL' and display_name is null";
    assert_eq!(test.count_of(bystander, theirs).await, 1, "the bystander is as it was");
}

#[tokio::test]
async fn what_was_refused_can_be_corrected_and_sent_again() {
    let test = Fixture::new().await;
    let header = "Phone,EXTERNAL_ID,kind,display_name,email\n";
    let rows = "+14155550132,a,EXTERNAL,Ann,\n+1 415,=b,EXTERNAL,\"Bo, the b\",\n,c,EXTERNAL,=1+1,\n";
    let job = test.import(SUGGEST, format!("{header}{rows}")).await;
    assert_eq!(test.faults(&job).await, [(3, "phone".to_owned()), (4, "display_name".to_owned())]);
    let refused = test.refused(&job).await;
    let expected = "line,error,phone,external_id,kind,display_name,email\r\n3,phone: ";
    assert!(refused.starts_with(expected), "{refused}");
    assert!(
        refused.contains(",'=b,EXTERNAL,\"Bo, the b\",\r\n") && refused.contains(",c,EXTERNAL,'=1+1,\r\n"),
        "{refused}"
    );

    let corrected = refused.replace("'+1 415,", "+14155550133,").replace("'=1+1", "Cy");
    let job = test.import(SUGGEST, corrected).await;
    assert_eq!((job.status, job.created_rows), (ImportStatus::Completed, 2));
    let formula = "select count(*) from tenant_user where tenant_id = $1 and external_id = '=b'";
    assert_eq!(test.count(formula).await, 1, "the identifier is what it was");
    assert!(test.imports.errors_url(&job).is_none());
}

#[tokio::test]
async fn a_rehearsal_tells_everything_and_changes_nothing() {
    let test = Fixture::new().await;
    test.import(SUGGEST, file(10)).await;
    let rows = format!("{HEADER}{}C-3,INTERNAL,Other,,\r\nX,EXTERNAL,,c1@client.example,\r\n", good_rows(8, 5));
    let job = test.import(REHEARSE, rows).await;
    assert!(job.dry_run && job.status == ImportStatus::CompletedWithErrors);
    assert_eq!([job.created_rows, job.updated_rows, job.unchanged_rows, job.failed_rows], [3, 1, 2, 1]);
    assert_eq!(test.faults(&job).await, [(8, "email".to_owned())]);
    assert_eq!(test.users().await, 10);
    assert_eq!(test.count("select count(*) from factor where tenant_id = $1").await, 10);
    let audited = "select count(*) from audit_entry where tenant_id = $1 and action = 'user.updated'";
    assert_eq!(test.count(audited).await, 0);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_another_spelling_is_the_same_user() {
    let test = Fixture::new().await;
    test.import(SUGGEST, file(3)).await;
    let rows = "external_id,kind,display_name,language\nc-1,INTERNAL,,es-us\nＣ-2,EXTERNAL,Client 2,\n";
    let job = test.import(SUGGEST, rows).await;
    assert_eq!([job.created_rows, job.updated_rows, job.unchanged_rows, job.failed_rows], [0, 1, 1, 0]);
    let changed = "select count(*) from tenant_user where tenant_id = $1 and external_id = 'C-1' and kind = 'INTERNAL'
        and display_name = 'Client 1' and language = 'es-US' and email_sealed is not null";
    assert_eq!(test.count(changed).await, 1);
    let audited =
        "select count(*) from audit_entry where tenant_id = $1 and action = 'user.updated' and actor = 'key:test'
        and detail = '{\"kind\": \"INTERNAL\"}'";
    assert_eq!(test.count(audited).await, 1);
    let others =
        "select count(*) from audit_entry where tenant_id = $1 and action in ('import.started', 'import.finished')";
    assert_eq!(test.count(others).await, 4);
    let events = "select count(*) from outbox_event where tenant_id = $1 and kind = 'IMPORT_FINISHED'";
    assert_eq!(test.count(events).await, 2);
}

#[tokio::test]
async fn contacts_are_sealed_and_open_where_they_stand() {
    let test = Fixture::new().await;
    test.import(SUGGEST, file(1)).await;
    let permit = test.permit(Operation::ReadUser);
    let user = test.directory.find_user(&permit, &UserRef::ExternalId("C-0".into())).await.unwrap().unwrap();
    let key = test.bed.platform.keys.data_key(&test.bed.platform.database, test.tenant).await.unwrap();
    assert_eq!(user.record.email(&key).unwrap().unwrap().address(), "c0@client.example");
    let clear =
        "select count(*) from factor where tenant_id = $1 and position('4152000000'::bytea in secret_sealed) > 0";
    assert_eq!(test.count(clear).await, 0);
    let (file, ..) = mixed();
    test.send(SUGGEST, file).await;
    let clear =
        "select count(*) from import_block where tenant_id = $1 and position('client.example'::bytea in sealed) > 0";
    assert_eq!(test.count(clear).await, 0);
    assert!(test.count("select count(*) from import_block where tenant_id = $1").await > 20);
}

#[tokio::test]
async fn where_the_tenant_vouches_for_phones_they_are_active_for_whoever_has_none() {
    let test = Fixture::new().await;
    let rows = |n: usize| format!("external_id,kind,phone,recovery_phone\na,EXTERNAL,{},{}\n", phone(n), phone(n + 1));
    let active = "select count(*) from factor where tenant_id = $1 and status = 'ACTIVE' and not suggested
        and confirmed_at is not null";
    test.import(SUGGEST, rows(1)).await;
    assert_eq!(test.count(active).await, 0);

    let job = test.import(TRUST, rows(1)).await;
    assert_eq!((job.updated_rows, test.count(active).await), (1, 2), "what was suggested is confirmed");
    assert_eq!(test.import(TRUST, rows(1)).await.unchanged_rows, 1);
    assert_eq!(test.import(TRUST, rows(5)).await.unchanged_rows, 1, "what the user has is not replaced by a file");
    let removed = "select count(*) from factor where tenant_id = $1 and status = 'REMOVED'";
    assert_eq!(test.count(removed).await, 0);

    let job = test.import(TRUST, format!("external_id,kind,phone\nb,EXTERNAL,{}\n", phone(9))).await;
    assert_eq!((job.created_rows, test.count(active).await), (1, 3), "a new user's at once");
    test.write("update tenant_user set reset_pending = true where tenant_id = $1 and external_id = 'b'").await;
    test.write("update factor set status = 'REMOVED' where tenant_id = $1").await;
    test.import(TRUST, format!("external_id,kind,phone\nb,EXTERNAL,{}\n", phone(9))).await;
    assert_eq!(test.count(active).await, 0, "nothing is enrolled for whoever was reset");
}

#[tokio::test]
async fn another_suggestion_takes_the_place_of_the_first() {
    let test = Fixture::new().await;
    let rows = |n| format!("external_id,kind,phone\na,EXTERNAL,{}\n", phone(n));
    test.import(SUGGEST, rows(1)).await;
    assert_eq!(test.import(SUGGEST, rows(2)).await.updated_rows, 1);
    let states = "select count(*) from factor where tenant_id = $1 and (status, suggested) in (('PENDING', true), ('REMOVED', true))";
    assert_eq!(test.count(states).await, 2);
    assert_eq!(test.import(SUGGEST, rows(2)).await.unchanged_rows, 1);
}

#[tokio::test]
async fn addresses_and_advisors_are_checked_against_what_is_there() {
    let test = Fixture::new().await;
    test.import(SUGGEST, file(2)).await;
    test.write(
        "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
         values ($1, gen_random_uuid(), gen_random_uuid(), 'Adv@firm.example', 'adv@firm.example', 'ADVISOR', now())",
    )
    .await;
    let rows = "external_id,kind,email,advisor_email
x,EXTERNAL,C1@Client.example,
C-0,EXTERNAL,c0@client.example,ADV@firm.example
y,EXTERNAL,new@client.example,nobody@firm.example
z,EXTERNAL,z@client.example,
zz,EXTERNAL,Z@client.example,
";
    let job = test.import(SUGGEST, rows).await;
    let faults = [(2, "email".to_owned()), (4, "advisor_email".to_owned()), (6, "email".to_owned())];
    assert_eq!(test.faults(&job).await, faults);
    assert_eq!([job.created_rows, job.updated_rows], [1, 1]);
    let advised = "select count(*) from tenant_user where tenant_id = $1 and advisor_id is not null";
    assert_eq!(test.count(advised).await, 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_at_once_and_names_the_column() {
    let test = Fixture::new().await;
    for (file, line, column) in [
        ("external_id,kind,telefon\na,EXTERNAL,1\n", 1, "telefon"),
        ("external_id\na\n", 1, "kind"),
        ("external_id,kind,Kind\na,b,c\n", 1, "kind"),
        ("", 1, ""),
        ("\u{1}\u{2}\u{3}", 1, "\u{fffd}"),
    ] {
        let job = test.send(SUGGEST, file).await;
        assert_eq!(job.status, ImportStatus::Failed, "{file:?}");
        let faults = test.faults(&job).await;
        assert_eq!(faults[0].0, line);
        assert!(column == "\u{fffd}" || faults.iter().any(|(_, named)| named == column), "{faults:?}");
    }
    test.work().await;
    assert_eq!(test.users().await, 0);
    let events = "select count(*) from outbox_event where tenant_id = $1 and kind = 'IMPORT_FINISHED'
        and payload->>'status' = 'FAILED'";
    assert_eq!(test.count(events).await, 5);
}

#[tokio::test]
async fn a_header_alone_is_a_file_of_nobody() {
    let test = Fixture::new().await;
    let job = test.import(SUGGEST, HEADER).await;
    assert_eq!((job.status, job.total_rows, job.processed_rows), (ImportStatus::Completed, 0, 0));
}
