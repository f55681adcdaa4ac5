//! Whom a reminder reaches, how often, and where it stops.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use chrono::{Duration, Timelike};
use common::{change, client, crowd, factor, mails, number, ours, person, reminded, rollout, run, sender};
use core_access::{ApiScope, Operation};
use core_kernel::{PageRequest, RefusalCode, Stop, TenantId};
use core_policy::{Policy, UserKind};
use svc_delivery::{CarrierOptions, Carriers, DeliveryOptions, DeliveryWorker, ReminderText};
use svc_policy::Policies;
use svc_rollout::{ReminderOptions, ReminderWorker, Rollout, RunEnding, SendRemindersInput};
use testkit::{Environment, TestBed, caller};
use tokio_util::sync::CancellationToken;

async fn scene(environment: Environment) -> (TestBed, Rollout, TenantId) {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(environment).await;
    let rollout = rollout(&bed);
    (bed, rollout, tenant)
}

fn own(subject: &str, body: &str) -> SendRemindersInput {
    SendRemindersInput {
        text: ReminderText { subject: Some(subject.to_owned()), body: Some(body.to_owned()) },
        ..ours()
    }
}

async fn refused(rollout: &Rollout, tenant: TenantId, input: SendRemindersInput) -> Vec<(RefusalCode, String)> {
    match rollout.send_reminders(&sender(tenant), input).await.unwrap_err() {
        Stop::Refused(refusals) => refusals.into_iter().map(|one| (one.code, one.field.join("."))).collect(),
        Stop::Fault(fault) => panic!("a fault instead of a refusal: {fault:?}"),
    }
}

/// Sends what is queued.
async fn deliver(bed: &TestBed, tenant: TenantId) {
    let carriers = Carriers::new(&bed.platform, &CarrierOptions::default()).unwrap();
    let worker = DeliveryWorker::new(bed.platform.clone(), carriers, DeliveryOptions::default());
    let stop = CancellationToken::new();
    let task = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    for _ in 0..600 {
        let waiting = "select count(*) from message where tenant_id = $1 and status in ('QUEUED', 'SENDING')";
        if number(bed, tenant, waiting).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_enrolled_can_log_in_and_be_written_to_is_reminded_once_a_day() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    let bystander = bed.tenant(Environment::Sandbox).await;
    client(&bed, bystander, "theirs").await;
    for name in ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"] {
        client(&bed, tenant, name).await;
    }
    person(&bed, tenant, "ida", UserKind::Internal).await;
    bed.user(tenant, "without-address", UserKind::External).await;
    let by_name = |name: &'static str| {
        let bed = &bed;
        async move {
            let sql = "select user_id from tenant_user where tenant_id = $1 and display_name = $2";
            let mut tx = io_postgres::TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
            let id = sqlx::query_scalar(sql).bind(tenant.0).bind(name).fetch_one(tx.connection()).await.unwrap();
            core_kernel::UserId(id)
        }
    };
    factor(&bed, tenant, by_name("bob").await, "TOTP", "ACTIVE", None).await;
    factor(&bed, tenant, by_name("cid").await, "PHONE_PRIMARY", "DISABLED", Some("MOBILE")).await;
    factor(&bed, tenant, by_name("dan").await, "PHONE_PRIMARY", "PENDING", Some("MOBILE")).await;
    factor(&bed, tenant, by_name("dan").await, "BACKUP_CODES", "ACTIVE", None).await;
    change(
        &bed,
        tenant,
        by_name("eve").await,
        "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2",
    )
    .await;
    change(
        &bed,
        tenant,
        by_name("fay").await,
        "update tenant_user set opted_out_at = now() where tenant_id = $1 and user_id = $2",
    )
    .await;
    change(
        &bed,
        tenant,
        by_name("gus").await,
        "update tenant_user set erased_at = now() where tenant_id = $1 and user_id = $2",
    )
    .await;
    change(
        &bed,
        tenant,
        by_name("hal").await,
        "insert into message_opt_out (tenant_id, destination_index, told_at, told_by)
         select $1, u.email_index, now() - interval '90 days', 'test' from tenant_user u where u.tenant_id = $1 and u.user_id = $2",
    )
    .await;

    let told = rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
    let run = told.run.unwrap();
    assert_eq!((told.recipients, run.queued, run.not_sent, run.ending), (3, 3, 0, Some(RunEnding::Completed)));
    assert_eq!(reminded(&bed, tenant).await, ["ann", "dan", "ida"]);
    assert!(mails(&bed, tenant).await.iter().all(|mail| mail.priority == 9 && mail.status == "QUEUED"));
    let recorded = "select count(*) from audit_entry where tenant_id = $1 and action = 'reminders.sent'";
    assert_eq!(number(&bed, tenant, recorded).await, 1);

    let again = rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
    assert_eq!((again.recipients, again.run), (0, None));
    client(&bed, tenant, "new").await;
    assert_eq!(rollout.send_reminders(&sender(tenant), ours()).await.unwrap().recipients, 1);
    bed.advance(tenant, 86_400).await;
    assert_eq!(rollout.send_reminders(&sender(tenant), ours()).await.unwrap().recipients, 4);
    assert!(reminded(&bed, bystander).await.is_empty());

    let runs = rollout.list_runs(&sender(tenant), &PageRequest::new(2, None).unwrap()).await.unwrap();
    assert_eq!(runs.rows.iter().map(|(_, run)| run.queued).collect::<Vec<_>>(), [4, 1]);
    assert!(runs.has_next);
    let run = runs.rows[0].1.run_id;
    assert!(rollout.lookup_run(&sender(tenant), run).await.unwrap().is_some());
    assert_eq!(rollout.lookup_run(&sender(bystander), run).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_one_of_the_tenants_time_zone() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    client(&bed, tenant, "ann").await;
    // A zone in which it is between ten and eleven in the evening. Its sign is the other way round.
    let ahead = 22 - i32::try_from(bed.now(tenant).await.hour()).unwrap();
    let ahead = if ahead > 12 { ahead - 24 } else { ahead };
    let mut tx = io_postgres::TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update tenant set time_zone = $2 where tenant_id = $1")
        .bind(tenant.0)
        .bind(format!("Etc/GMT{:+}", -ahead))
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (seconds, reminded) in [(0, 1), (0, 0), (7_200, 1), (72_000, 0), (14_400, 1)] {
        bed.advance(tenant, seconds).await;
        let told = rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
        assert_eq!(told.recipients, reminded, "{seconds} s later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_call_at_once_on_however_many_replicas_each_user_gets_one() {
    let (bed, _, tenant) = scene(Environment::Sandbox).await;
    crowd(&bed, tenant, 700).await;
    let replicas = [rollout(&bed), rollout(&bed), rollout(&bed)];
    let permit = sender(tenant);
    let calls = (0..9).map(|call| replicas[call % 3].send_reminders(&permit, ours()));
    let told = futures::future::join_all(calls).await;
    let queued: i64 = told.into_iter().filter_map(|one| one.unwrap().run).map(|run| run.queued).sum();
    let sql = "select count(distinct user_id) from message where tenant_id = $1 and purpose = 'ENROLLMENT_REMINDER'";
    let users = number(&bed, tenant, sql).await;
    assert_eq!((queued, users, mails(&bed, tenant).await.len()), (700, 700, 700));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rehearsed_is_shown_and_not_sent() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    client(&bed, tenant, "ann").await;
    let told = rollout.send_reminders(&sender(tenant), SendRemindersInput { dry_run: true, ..ours() }).await.unwrap();
    assert_eq!((told.recipients, told.run), (1, None));
    assert!(told.preview.text.contains("It is required now"), "{}", told.preview.text);
    assert!(told.preview.html.starts_with("<!doctype html>"));
    let spanish = SendRemindersInput { language: Some("es-US".to_owned()), dry_run: true, ..ours() };
    let told = rollout.send_reminders(&sender(tenant), spanish).await.unwrap();
    assert_eq!(told.recipients, 0, "nobody reads Spanish here");
    assert!(told.preview.text.contains("Ya es obligatorio"), "{}", told.preview.text);
    let mine = SendRemindersInput { dry_run: true, ..own("For {{ tenant_name }}", "Dear {{display_name}},\n\n<now>") };
    let preview = rollout.send_reminders(&sender(tenant), mine).await.unwrap().preview;
    assert_eq!((preview.subject.as_str(), preview.text.as_str()), ("For Test Tenant", "Dear customer,\n\n<now>\n"));
    assert!(preview.html.contains("&lt;now&gt;"));
    assert!(mails(&bed, tenant).await.is_empty());
    assert_eq!(number(&bed, tenant, "select count(*) from enrollment_reminder_run where tenant_id = $1").await, 0);
    assert_eq!(number(&bed, tenant, "select count(*) from audit_entry where tenant_id = $1").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_cannot_be_sent_are_told_with_their_field() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    client(&bed, tenant, "ann").await;
    let invalid = |field: &str| (RefusalCode::Invalid, field.to_owned());
    let long = "x".repeat(5_001);
    for (subject, body, fields) in [
        ("ok", "{{code}}", vec!["body"]),
        ("{{ display_name|upper }}", "{% for x in y %}{{x}}", vec!["subject", "body"]),
        ("two\nlines", "ok", vec!["subject"]),
        ("header\r\nBcc: x@evil.example", "ok", vec!["subject"]),
        (" ", "\u{0}", vec!["subject", "body"]),
        (&long[..151], &long, vec!["subject", "body"]),
        ("{{", "}}", vec!["subject", "body"]),
    ] {
        let expected: Vec<_> = fields.into_iter().map(invalid).collect();
        assert_eq!(refused(&rollout, tenant, own(subject, body)).await, expected, "{subject} / {body}");
    }
    for language in ["fr", "", "e", "english", "en_US"] {
        let input = SendRemindersInput { language: Some(language.to_owned()), ..ours() };
        assert_eq!(refused(&rollout, tenant, input).await, [invalid("language")], "{language}");
    }
    assert!(mails(&bed, tenant).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_announced_only_to_those_who_have_one_the_scheduled_one_included() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    client(&bed, tenant, "ann").await;
    person(&bed, tenant, "ida", UserKind::Internal).await;
    let soon = bed.now(tenant).await + Duration::days(9);
    let mut policy = Policy::new_tenant(bed.platform.now());
    policy.internal.mandatory_from = None;
    policy.external.mandatory_from = Some(soon);
    bed.policy(tenant, &policy).await;
    let text = own("{{deadline}}", "ok");
    assert_eq!(refused(&rollout, tenant, text.clone()).await, [(RefusalCode::Invalid, "subject".to_owned())]);

    // Nobody of those without a date is left.
    run(&bed, tenant, "update tenant_user set disabled = true where tenant_id = $1 and kind = 'INTERNAL'").await;
    assert_eq!(rollout.send_reminders(&sender(tenant), text).await.unwrap().recipients, 1);
    let mails = mails(&bed, tenant).await;
    let said: core_kernel::Timestamp = mails[0].params["deadline"].as_str().unwrap().parse().unwrap();
    assert_eq!((said - soon).num_seconds(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reads_it_in_their_own_language_and_one_language_can_be_chosen() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    for (name, language) in [("ann", "en"), ("eva", "es-MX"), ("ola", "sv"), ("una", "ES")] {
        let user = client(&bed, tenant, name).await;
        let mut tx = io_postgres::TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        sqlx::query("update tenant_user set language = $3 where tenant_id = $1 and user_id = $2")
            .bind(tenant.0)
            .bind(user.0)
            .bind(language)
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let spanish = SendRemindersInput { language: Some("es".to_owned()), ..own("Hola", "Hola, {{display_name}}.") };
    assert_eq!(rollout.send_reminders(&sender(tenant), spanish).await.unwrap().recipients, 2);
    assert_eq!(reminded(&bed, tenant).await, ["eva", "una"]);
    assert_eq!(rollout.send_reminders(&sender(tenant), ours()).await.unwrap().recipients, 2, "the others");
    deliver(&bed, tenant).await;
    let bodies: Vec<_> = mails(&bed, tenant).await.into_iter().map(|mail| mail.sandbox_body.unwrap()).collect();
    assert!(bodies[0].contains("Hello ann,"), "{}", bodies[0]);
    assert!(bodies[1].contains("Hola, eva."), "{}", bodies[1]);
    assert!(bodies[2].contains("Hello ola,"), "a language that is not there: {}", bodies[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_enrolls_or_goes_before_it_is_sent_is_not_written_to() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    let mut users = Vec::new();
    for name in ["ann", "bob", "cid", "dan", "eve"] {
        users.push(client(&bed, tenant, name).await);
    }
    rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
    factor(&bed, tenant, users[1], "PHONE_PRIMARY", "ACTIVE", Some("MOBILE")).await;
    change(&bed, tenant, users[2], "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2")
        .await;
    change(&bed, tenant, users[3], "update tenant_user set opted_out_at = now() where tenant_id = $1 and user_id = $2")
        .await;
    factor(&bed, tenant, users[4], "PHONE_PRIMARY", "PENDING", Some("MOBILE")).await;
    deliver(&bed, tenant).await;
    let told: Vec<_> = mails(&bed, tenant).await.into_iter().map(|mail| (mail.status, mail.failure)).collect();
    let canceled = |why: &str| ("CANCELED".to_owned(), Some(why.to_owned()));
    let delivered = ("DELIVERED".to_owned(), None);
    let expected = [
        delivered.clone(),
        canceled("The user has enrolled meanwhile."),
        canceled("The user is disabled."),
        canceled("The user turned it off meanwhile."),
        delivered,
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_at_the_spending_cap_and_tells_who_was_not_written_to() {
    let (bed, _, tenant) = scene(Environment::Live).await;
    for number in 10..22 {
        client(&bed, tenant, &format!("u{number}")).await;
    }
    let price = number(&bed, tenant, "select amount from list_price('EMAIL', null) where $1::uuid is not null").await;
    let cap = move |mails: i64| format!("select set_spending_cap($1, {}, 'USD')", price * mails + price / 2);
    let set_cap = async |mails: i64| {
        let mut tx = io_postgres::TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(cap(mails))).bind(tenant.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    };
    set_cap(5).await;
    let replicas = [rollout(&bed), rollout(&bed)];
    let permit = sender(tenant);
    let told = futures::future::join_all((0..4).map(|call| replicas[call % 2].send_reminders(&permit, ours()))).await;
    let runs: Vec<_> = told.into_iter().filter_map(|one| one.unwrap().run).collect();
    assert_eq!(runs.iter().map(|run| run.queued).sum::<i64>(), 5);
    assert!(runs.iter().all(|run| run.ending == Some(RunEnding::SpendingCap)), "{runs:?}");
    assert!(runs.iter().any(|run| run.not_sent == 7), "{runs:?}");
    assert_eq!(mails(&bed, tenant).await.len(), 5);
    let committed = "select committed from billing_account where tenant_id = $1";
    assert_eq!(number(&bed, tenant, committed).await, 5 * price, "and nothing is set aside for others");
    let events = "select count(*) from outbox_event where tenant_id = $1 and kind = 'SPENDING_CAP_REACHED'";
    assert_eq!(number(&bed, tenant, events).await, 1);

    // Who was not written to is not taken for reminded.
    set_cap(100).await;
    let told = replicas[0].send_reminders(&permit, ours()).await.unwrap();
    assert_eq!((told.recipients, told.run.unwrap().ending), (7, Some(RunEnding::Completed)));
    assert_eq!(mails(&bed, tenant).await.len(), 12);
    deliver(&bed, tenant).await;
    let charged =
        "select count(*) from usage_ledger where tenant_id = $1 and purpose = 'ENROLLMENT_REMINDER' and units = 1";
    assert_eq!(number(&bed, tenant, charged).await, 12, "each is charged as one mail");
    assert_eq!(number(&bed, tenant, committed).await, 12 * price);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_tenant_reminds_nobody() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    crowd(&bed, tenant, 2_100).await;
    let told = rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
    let run = told.run.unwrap();
    assert_eq!((told.recipients, run.queued, run.ending), (2_100, 2_000, None), "the rest is a worker's");
    common::run(&bed, tenant, "update tenant set status = 'SUSPENDED' where tenant_id = $1").await;
    // One that remembers nothing.
    let replica = common::rollout(&bed);
    assert_eq!(refused(&replica, tenant, ours()).await, [(RefusalCode::NotAllowedByPolicy, String::new())]);

    let worker =
        ReminderWorker::new(bed.platform.clone(), Policies::new(bed.platform.clone()), ReminderOptions::default());
    while worker.round(&CancellationToken::new()).await.unwrap() {}
    let run = replica.lookup_run(&sender(tenant), run.run_id).await.unwrap().unwrap();
    assert_eq!((run.queued, run.not_sent, run.ending), (2_000, 100, Some(RunEnding::Suspended)));
    deliver(&bed, tenant).await;
    assert!(mails(&bed, tenant).await.iter().all(|mail| mail.status == "CANCELED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_caller_did_not_wait_for_is_done_by_workers_once() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    crowd(&bed, tenant, 4_300).await;
    let run = rollout.send_reminders(&sender(tenant), ours()).await.unwrap().run.unwrap();
    assert_eq!((run.queued, run.ended_at), (2_000, None));
    let stop = CancellationToken::new();
    let workers = (0..3).map(|_| {
        let policies = Policies::new(bed.platform.clone());
        ReminderWorker::new(bed.platform.clone(), policies, ReminderOptions::default())
    });
    futures::future::join_all(workers.map(|worker| {
        let stop = stop.clone();
        async move { while worker.round(&stop).await.unwrap() {} }
    }))
    .await;
    let run = rollout.lookup_run(&sender(tenant), run.run_id).await.unwrap().unwrap();
    assert_eq!((run.queued, run.ending), (4_300, Some(RunEnding::Completed)));
    let sql = "select count(distinct user_id) from message where tenant_id = $1 and purpose = 'ENROLLMENT_REMINDER'";
    assert_eq!((number(&bed, tenant, sql).await, mails(&bed, tenant).await.len()), (4_300, 4_300));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_go_before_reminders() {
    let (bed, rollout, tenant) = scene(Environment::Sandbox).await;
    client(&bed, tenant, "ann").await;
    rollout.send_reminders(&sender(tenant), ours()).await.unwrap();
    let sql = "select count(*) from message where tenant_id = $1 and priority > 2";
    assert_eq!(number(&bed, tenant, sql).await, 1, "behind codes (0), links (1) and invitations (2)");
}

#[tokio::test(flavor = "multi_thread")]
async fn reminding_takes_the_scope_of_users() {
    let tenant = TenantId(uuid::Uuid::nil());
    for scopes in [&[ApiScope::Login, ApiScope::Support, ApiScope::Policy, ApiScope::Read, ApiScope::Tenants][..], &[]]
    {
        assert!(caller(tenant, scopes).permit(Operation::SendReminders).is_err());
    }
}
