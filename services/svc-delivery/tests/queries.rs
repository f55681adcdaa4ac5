//! Who sees which messages, and what of them.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use common::{EMAIL, PHONE, as_superuser, factor, one_code, send_code, start, user};
use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Permit, Principal};
use core_kernel::{AccountId, AdminId, Page, PageRequest, RefusalCode, Stop, TenantId};
use svc_delivery::{CarrierOptions, Message, MessageChannel, MessageFilter, MessagePurpose, MessageStatus, Messages};
use testkit::{Environment, TestBed, caller};
use uuid::Uuid;

fn reader(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Read]).permit(Operation::ReadMessages).unwrap()
}

fn advisor(tenant: TenantId, admin: AdminId) -> Permit {
    let actor = Actor {
        id: admin,
        account: AccountId(Uuid::from_u128(1)),
        email: "a@b.example".to_owned(),
        role: AdminRole::Advisor,
    };
    let caller = Caller { tenant, principal: Principal::Admin(actor), actor: None, ip: None };
    caller.permit(Operation::ReadMessages).unwrap()
}

fn ids(page: &Page<Message>) -> Vec<core_kernel::MessageId> {
    page.rows.iter().map(|(_, message)| message.id).collect()
}

fn first(count: i32) -> PageRequest {
    PageRequest::new(count, None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_listed_newest_first_masked_and_filtered() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let (ann, bob) = (user(&bed, tenant, "ann").await, user(&bed, tenant, "bob").await);
    let phone = factor(&bed, tenant, ann, "PHONE_PRIMARY", PHONE).await;
    let mail = factor(&bed, tenant, bob, "EMAIL", EMAIL).await;
    let text = send_code(&bed, tenant, ann, phone, "SMS").await;
    let call = send_code(&bed, tenant, ann, phone, "VOICE").await;
    let letter = send_code(&bed, tenant, bob, mail, "EMAIL").await;
    let messages = Messages::new(bed.platform.clone());
    let list = |filter: MessageFilter| {
        let messages = messages.clone();
        async move { messages.list(&reader(tenant), &filter, &first(10)).await.unwrap() }
    };

    let all = list(MessageFilter::default()).await;
    assert_eq!(ids(&all), [letter.message, call.message, text.message]);
    let destinations: Vec<&str> = all.rows.iter().map(|(_, message)| message.destination.as_str()).collect();
    assert_eq!(destinations, ["a•••@client.example", "+1 ••• ••• 0132", "+1 ••• ••• 0132"]);
    let newest = &all.rows[0].1;
    assert_eq!(
        (newest.channel, newest.purpose, newest.status),
        (MessageChannel::Email, MessagePurpose::Code, MessageStatus::Queued)
    );
    assert_eq!(newest.timeline.iter().map(|step| step.status).collect::<Vec<_>>(), [MessageStatus::Queued]);

    let channels =
        MessageFilter { channel: Some(vec![MessageChannel::Sms, MessageChannel::Email]), ..Default::default() };
    assert_eq!(ids(&list(channels).await), [letter.message, text.message]);
    assert_eq!(ids(&list(MessageFilter { user: Some(bob), ..Default::default() }).await), [letter.message]);
    let delivered = MessageFilter { status: Some(vec![MessageStatus::Delivered]), ..Default::default() };
    assert_eq!(ids(&list(delivered.clone()).await), []);
    let worker = start(&bed, CarrierOptions::default());
    common::becomes(&bed, tenant, text.message, "DELIVERED").await;
    common::becomes(&bed, tenant, call.message, "DELIVERED").await;
    common::becomes(&bed, tenant, letter.message, "DELIVERED").await;
    worker.stop().await;
    assert_eq!(list(delivered).await.rows.len(), 3);
    // One code for both of the user's messages.
    let of_challenge = messages.of_challenges(&reader(tenant), &[text.challenge]).await.unwrap();
    assert_eq!(of_challenge.iter().map(|message| message.id).collect::<Vec<_>>(), [text.message, call.message]);
    assert!(
        of_challenge.iter().all(|message| message.challenge == Some(text.challenge) && message.sandbox_body.is_some())
    );
    assert_eq!(messages.of_challenges(&reader(tenant), &[]).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let mut sent = Vec::new();
    for name in ["a", "b", "c"] {
        let someone = user(&bed, tenant, name).await;
        let factor = factor(&bed, tenant, someone, "EMAIL", &format!("{name}@client.example")).await;
        sent.insert(0, send_code(&bed, tenant, someone, factor, "EMAIL").await.message);
    }
    let messages = Messages::new(bed.platform.clone());
    let none = MessageFilter::default();
    let one = messages.list(&reader(tenant), &none, &first(2)).await.unwrap();
    assert_eq!((ids(&one), one.has_next), (sent[..2].to_vec(), true));
    let cursor = one.rows[1].0.0.clone();
    let two = messages.list(&reader(tenant), &none, &PageRequest::new(2, Some(cursor)).unwrap()).await.unwrap();
    assert_eq!((ids(&two), two.has_next), (sent[2..].to_vec(), false));
    let strange = PageRequest { first: 2, after: Some("user_x".to_owned()) };
    let refused = messages.list(&reader(tenant), &none, &strange).await;
    assert_eq!(refused.err().and_then(|stop: Stop| stop.refusal_code()), Some(RefusalCode::Invalid));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_another_tenants_messages() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    let bystander = bed.tenant(Environment::Sandbox).await;
    let messages = Messages::new(bed.platform.clone());
    assert!(messages.lookup(&reader(sent.tenant), sent.message).await.unwrap().is_some());
    assert!(messages.lookup(&reader(bystander), sent.message).await.unwrap().is_none());
    assert!(messages.of_challenges(&reader(bystander), &[sent.challenge]).await.unwrap().is_empty());
    let filter = MessageFilter { user: Some(sent.user), ..Default::default() };
    assert!(messages.list(&reader(bystander), &filter, &first(10)).await.unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_sees_the_messages_of_assigned_users_alone() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    let admin = AdminId(Uuid::from_u128(42));
    let messages = Messages::new(bed.platform.clone());
    let permit = advisor(sent.tenant, admin);
    assert!(messages.lookup(&permit, sent.message).await.unwrap().is_none());
    assert!(messages.of_challenges(&permit, &[sent.challenge]).await.unwrap().is_empty());
    assert!(messages.list(&permit, &MessageFilter::default(), &first(10)).await.unwrap().rows.is_empty());
    as_superuser(
        &bed,
        "with a as (insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
                    values ($1, '00000000-0000-0000-0000-00000000002a', gen_random_uuid(), 'a', 'a', 'ADVISOR', now()))
         select $1",
        sent.tenant,
    )
    .await;
    as_superuser(
        &bed,
        "update tenant_user set advisor_id = '00000000-0000-0000-0000-00000000002a' where tenant_id = $1",
        sent.tenant,
    )
    .await;
    assert!(messages.lookup(&permit, sent.message).await.unwrap().is_some());
    assert_eq!(messages.list(&permit, &MessageFilter::default(), &first(10)).await.unwrap().rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_body_is_not_shown_whatever_the_row_holds() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    as_superuser(&bed, "update message set sandbox_body = 'leak' where tenant_id = $1", sent.tenant).await;
    let messages = Messages::new(bed.platform.clone());
    let message = messages.lookup(&reader(sent.tenant), sent.message).await.unwrap().unwrap();
    assert_eq!(message.sandbox_body, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_destination_hides_no_message() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    as_superuser(&bed, "update factor set secret_sealed = null where tenant_id = $1", sent.tenant).await;
    let messages = Messages::new(bed.platform.clone());
    let message = messages.lookup(&reader(sent.tenant), sent.message).await.unwrap().unwrap();
    assert_eq!(message.destination, "");
}
