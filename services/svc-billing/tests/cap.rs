//! The spending cap: held by any number of parallel sends, told of once, and given back.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;

use common::{
    billing, claimed, crowd, ledger, may_manage, number, run, send_code, settle, sums_are_the_ledgers, worker,
};
use core_kernel::{RefusalCode, TenantId};
use futures::future::join_all;
use testkit::{Environment, TestBed};

const TEXT: i64 = 790_000;
const COMMITTED: &str = "select committed from billing_account where tenant_id = $1";
const EVENTS: &str = "select count(*) from outbox_event where tenant_id = $1 and kind like 'SPENDING_CAP%'";
const NEAR: &str = "select count(*) from outbox_event where tenant_id = $1 and kind = 'SPENDING_CAP_NEAR'";
const REACHED: &str = "select count(*) from outbox_event where tenant_id = $1 and kind = 'SPENDING_CAP_REACHED'";
const MAILS: &str = "select count(*) from message where tenant_id = $1 and purpose = 'BILLING_NOTICE'";

async fn capped(bed: &TestBed, cap: &str) -> TenantId {
    let tenant = bed.tenant(Environment::Live).await;
    set(bed, tenant, Some(cap)).await;
    tenant
}

async fn set(bed: &TestBed, tenant: TenantId, cap: Option<&str>) {
    billing(bed).set_spending_cap(&may_manage(tenant), cap).await.unwrap();
}

/// With one administrator of each role, and an owner who has left.
async fn administrators(bed: &TestBed, tenant: TenantId) {
    run(
        bed,
        tenant,
        "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at, removed_at)
         select $1, uuid_v7(), uuid_v7(), r.role || r.n || '@firm.example', lower(r.role) || r.n || '@firm.example', r.role,
                now(), case when r.n = 2 then now() end
           from (values ('OWNER', 1), ('OWNER', 2), ('ADMIN', 1), ('SUPPORT', 1), ('ADVISOR', 1), ('BILLING', 1), ('AUDITOR', 1))
                as r (role, n)",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_parallel_sends_pass_it_by_nothing() {
    let bed = Arc::new(TestBed::new().await);
    let tenant = capped(&bed, "0.79").await;
    administrators(&bed, tenant).await;
    let people = crowd(&bed, tenant, 1_000).await;
    let sends = people.into_iter().map(|person| {
        let bed = bed.clone();
        tokio::spawn(async move { send_code(&bed, tenant, person).await })
    });
    let outcomes: Vec<_> = join_all(sends).await.into_iter().map(Result::unwrap).collect();
    let sent: Vec<_> = outcomes.iter().filter(|(outcome, _)| outcome == "OK").collect();
    assert_eq!(sent.len(), 100, "0.79 is a hundred texts");
    assert!(outcomes.iter().all(|(outcome, _)| outcome == "OK" || outcome == "SPENDING_CAP_REACHED"));
    assert_eq!(number(&bed, tenant, COMMITTED).await, 100 * TEXT);
    let canceled = "select count(*) from message where tenant_id = $1 and status = 'CANCELED' and failure like '%cap%'
                       and reserved is null and jsonb_array_length(timeline) = 1";
    assert_eq!(number(&bed, tenant, canceled).await, 900);
    assert_eq!(number(&bed, tenant, "select count(*) from challenge where tenant_id = $1").await, 100);
    let counted = "select count(*) from destination_send where tenant_id = $1 and times <> '{}'";
    assert_eq!(number(&bed, tenant, counted).await, 100, "what was not sent counts against no destination");

    assert_eq!((number(&bed, tenant, NEAR).await, number(&bed, tenant, REACHED).await), (1, 1));
    assert_eq!(number(&bed, tenant, MAILS).await, 4, "the owner and who pays, of each");
    for (_, message) in sent {
        claimed(&bed, tenant, *message).await;
        assert!(settle(&bed, tenant, *message, worker("DELIVERED", 1)).await);
    }
    assert_eq!(number(&bed, tenant, COMMITTED).await, 100 * TEXT, "what was set aside is what was charged");
    assert_eq!(ledger(&bed, tenant).await.len(), 100);
    sums_are_the_ledgers(&bed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_unsent_makes_room_again() {
    let bed = TestBed::new().await;
    // Two texts.
    let tenant = capped(&bed, "0.0158").await;
    let people = crowd(&bed, tenant, 5).await;
    let (_, failed) = send_code(&bed, tenant, people[0]).await;
    let (_, expired) = send_code(&bed, tenant, people[1]).await;
    assert_eq!(send_code(&bed, tenant, people[2]).await.0, "SPENDING_CAP_REACHED");
    claimed(&bed, tenant, failed).await;
    settle(&bed, tenant, failed, worker("FAILED", 1)).await;
    assert_eq!(number(&bed, tenant, COMMITTED).await, TEXT);
    // As whoever disables a user does, without knowing of caps.
    run(
        &bed,
        tenant,
        "update message set status = 'CANCELED' where tenant_id = $1 and status = 'QUEUED' and purpose = 'CODE'",
    )
    .await;
    for person in [people[2], people[3]] {
        assert_eq!(send_code(&bed, tenant, person).await.0, "OK");
    }
    assert_eq!(send_code(&bed, tenant, people[4]).await.0, "SPENDING_CAP_REACHED");
    assert_eq!(number(&bed, tenant, COMMITTED).await, 2 * TEXT);
    // It went out after all, though it had been given up: it is charged, and passes the cap.
    settle(&bed, tenant, failed, worker("DELIVERED", 1)).await;
    assert_eq!((number(&bed, tenant, COMMITTED).await, ledger(&bed, tenant).await.len()), (3 * TEXT, 1));
    let held = "select count(*) from message where tenant_id = $1 and reserved is not null";
    assert_eq!(number(&bed, tenant, held).await, 2);
    assert_ne!(failed, expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_several_segments_are_held_by_what_they_cost() {
    let bed = TestBed::new().await;
    let tenant = capped(&bed, "0.0790").await;
    let people = crowd(&bed, tenant, 12).await;
    let mut sent = 0;
    for person in people {
        let (outcome, message) = send_code(&bed, tenant, person).await;
        if outcome == "OK" {
            claimed(&bed, tenant, message).await;
            settle(&bed, tenant, message, worker("ACCEPTED", 3)).await;
            sent += 1;
        }
    }
    assert_eq!((sent, number(&bed, tenant, COMMITTED).await), (3, 9 * TEXT), "the first taught what they take");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_are_told_once_a_period_and_again_of_a_cap_that_was_raised() {
    let bed = TestBed::new().await;
    let tenant = capped(&bed, "0.0790").await;
    administrators(&bed, tenant).await;
    let mut people = crowd(&bed, tenant, 60).await;
    for (sends, events) in [(7, 0), (1, 1), (1, 1), (1, 2), (5, 2)] {
        for person in people.drain(..sends) {
            send_code(&bed, tenant, person).await;
        }
        assert_eq!(number(&bed, tenant, EVENTS).await, events, "after {sends} more");
    }
    set(&bed, tenant, Some("0.0790")).await;
    send_code(&bed, tenant, people.remove(0)).await;
    assert_eq!(number(&bed, tenant, EVENTS).await, 2, "the same cap once more");
    set(&bed, tenant, Some("0.1580")).await;
    for person in people.drain(..12) {
        send_code(&bed, tenant, person).await;
    }
    assert_eq!((number(&bed, tenant, NEAR).await, number(&bed, tenant, REACHED).await), (2, 2));

    // The next period begins with nothing, and is told of by itself.
    run(
        &bed,
        tenant,
        "update billing_account set period = period - interval '1 month', near_told = near_told - interval '1 month',
                reached_told = reached_told - interval '1 month' where tenant_id = $1",
    )
    .await;
    assert_eq!(send_code(&bed, tenant, people.remove(0)).await.0, "OK");
    assert_eq!(number(&bed, tenant, COMMITTED).await, TEXT);
    for person in people.drain(..20) {
        send_code(&bed, tenant, person).await;
    }
    assert_eq!((number(&bed, tenant, NEAR).await, number(&bed, tenant, REACHED).await), (3, 3));
    assert_eq!(number(&bed, tenant, MAILS).await, 12);
    let costs = "select count(*) from message where tenant_id = $1 and purpose = 'BILLING_NOTICE'
                    and (status <> 'QUEUED' or reserved is not null or admin_id is null)";
    assert_eq!(number(&bed, tenant, costs).await, 0, "never held by the cap");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_counts_what_was_spent_and_what_is_on_its_way_when_it_is_set() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let people = crowd(&bed, tenant, 8).await;
    let (_, accepted) = send_code(&bed, tenant, people[0]).await;
    claimed(&bed, tenant, accepted).await;
    settle(&bed, tenant, accepted, worker("ACCEPTED", 1)).await;
    let (_, waiting) = send_code(&bed, tenant, people[1]).await;
    assert_eq!(number(&bed, tenant, "select count(*) from billing_account where tenant_id = $1").await, 0);
    // Four texts; of them two are spent or on their way.
    set(&bed, tenant, Some("0.0316")).await;
    assert_eq!(number(&bed, tenant, COMMITTED).await, 2 * TEXT);
    claimed(&bed, tenant, waiting).await;
    settle(&bed, tenant, waiting, worker("DELIVERED", 1)).await;
    assert_eq!(number(&bed, tenant, COMMITTED).await, 2 * TEXT);
    for (person, outcome) in people[2..5].iter().zip(["OK", "OK", "SPENDING_CAP_REACHED"]) {
        assert_eq!(send_code(&bed, tenant, *person).await.0, outcome);
    }
    // Lowered beneath what is spent, nothing goes; removed, everything does.
    set(&bed, tenant, Some("0")).await;
    assert_eq!(send_code(&bed, tenant, people[5]).await.0, "SPENDING_CAP_REACHED");
    set(&bed, tenant, None).await;
    assert_eq!(send_code(&bed, tenant, people[6]).await.0, "OK");
    set(&bed, tenant, Some("0.0316")).await;
    assert_eq!(number(&bed, tenant, COMMITTED).await, 5 * TEXT, "what went out meanwhile counts");
    assert_eq!(send_code(&bed, tenant, people[7]).await.0, "SPENDING_CAP_REACHED");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_and_sandboxes_are_held_by_no_cap() {
    let bed = TestBed::new().await;
    let capped = capped(&bed, "0").await;
    let (free, sandbox) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Sandbox).await);
    set(&bed, sandbox, Some("0")).await;
    for (tenant, outcome) in [(capped, "SPENDING_CAP_REACHED"), (free, "OK"), (sandbox, "OK")] {
        let people = crowd(&bed, tenant, 1).await;
        assert_eq!(send_code(&bed, tenant, people[0]).await.0, outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_that_is_no_amount_is_refused_and_one_that_is_set_is_on_record() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    for text in ["", "ten", "1e3", "-1", "-0.00000001", "0.000000001", "100000000000", &"9".repeat(60)] {
        let stop = billing(&bed).set_spending_cap(&may_manage(tenant), Some(text)).await.unwrap_err();
        assert_eq!(stop.refusal_code(), Some(RefusalCode::Invalid), "{text}");
    }
    set(&bed, tenant, Some("250.5")).await;
    set(&bed, tenant, None).await;
    let audited = "select count(*) from audit_entry where tenant_id = $1 and action = 'billing.spending_cap_set'
                      and (detail->>'to' = '250.50' or detail->>'from' = '250.50')";
    assert_eq!(number(&bed, tenant, audited).await, 2);
}
