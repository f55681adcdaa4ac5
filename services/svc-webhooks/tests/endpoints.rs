//! Endpoints: what is taken, what is refused, and whose they are.

mod common;

use common::{Fixture, permit};
use core_kernel::{RefusalCode, Stop, TypedId, WebhookEndpointId};
use io_outbound::Rules;
use svc_audit::EventKind;
use svc_webhooks::{CreateEndpoint, Webhooks};
use testkit::Environment;

fn refused<T: std::fmt::Debug>(result: Result<T, Stop>) -> (RefusalCode, Vec<String>) {
    match result {
        Err(Stop::Refused(refusals)) => (refusals[0].code, refusals[0].field.clone()),
        other => panic!("not refused: {other:?}"),
    }
}

async fn wants_logins(test: &Fixture) -> bool {
    test.count("select count(*) from tenant where tenant_id = $1 and webhook_logins").await == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_listed_and_deleted() {
    let test = Fixture::new().await;
    let twice = [EventKind::UserLocked, EventKind::LoginDenied, EventKind::UserLocked];
    let (endpoint, secret) = test.endpoint_for(&twice).await;
    assert_eq!(endpoint.events, [EventKind::LoginDenied, EventKind::UserLocked], "each once, in the list's order");
    assert!(secret.starts_with("whsec_"));
    test.clock.advance(chrono::Duration::milliseconds(1));
    let (second, _) = test.endpoint().await;
    let listed = test.webhooks.list(&test.permit()).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|endpoint| endpoint.endpoint_id).collect();
    assert_eq!(ids, [endpoint.endpoint_id, second.endpoint_id]);
    assert_eq!((&listed[0].url, &listed[0].events), (&test.receiver.url(), &endpoint.events));

    let id = endpoint.endpoint_id;
    assert_eq!(test.webhooks.delete(&test.permit(), &id.to_text()).await.unwrap(), id);
    assert_eq!(test.webhooks.lookup(&test.permit(), id).await.unwrap(), None);
    let again = refused(test.webhooks.delete(&test.permit(), &id.to_text()).await);
    assert_eq!(again, (RefusalCode::NotFound, vec!["id".to_owned()]));
    let key = "key:test".to_owned();
    let expected = ["webhook.created", "webhook.deleted"].map(|action| (action.to_owned(), key.clone()));
    assert_eq!(test.audited(id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_lie_sealed_and_what_a_url_keeps_in_its_query_is_not_on_record() {
    let test = Fixture::new().await;
    let (_, secret) = test.endpoint().await;
    let plain = "select count(*) from webhook_endpoint e
                  where e.tenant_id = $1 and position(convert_to('whsec_', 'UTF8') in e.secret_sealed) > 0";
    assert_eq!(test.count(plain).await, 0, "{secret}");
    let on_record = "select count(*) from audit_entry a where a.tenant_id = $1 and a.detail::text like '%key=value%'";
    assert_eq!(test.count(on_record).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_urls_on_the_public_internet_by_https() {
    let test = Fixture::new().await;
    let strict = Webhooks::new(test.bed.platform.clone(), Rules::default());
    for url in [
        "",
        "firm.example/hooks",
        "http://firm.example/hooks",
        "https://localhost/hooks",
        "https://127.0.0.1/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://firm.example:22/",
        "https://user:password@firm.example/",
    ] {
        let input = CreateEndpoint { url: url.to_owned(), events: Vec::new() };
        let refusal = refused(strict.create(&test.permit(), &input).await);
        assert_eq!(refusal, (RefusalCode::Invalid, vec!["url".to_owned()]), "{url}");
    }
    let good = CreateEndpoint { url: "https://firm.example/hooks".to_owned(), events: Vec::new() };
    assert!(strict.create(&test.permit(), &good).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_ten_at_most_however_many_ask_at_once() {
    let test = Fixture::new().await;
    let input = CreateEndpoint { url: test.receiver.url(), events: Vec::new() };
    let many = (0..15).map(|_| async { test.webhooks.create(&test.permit(), &input).await });
    let made = futures::future::join_all(many).await;
    assert_eq!(made.iter().filter(|result| result.is_ok()).count(), 10);
    for result in made.into_iter().filter(Result::is_err) {
        assert_eq!(refused(result), (RefusalCode::Conflict, vec![]));
    }
    let first = test.webhooks.list(&test.permit()).await.unwrap()[0].endpoint_id;
    test.webhooks.delete(&test.permit(), &first.to_text()).await.unwrap();
    assert!(test.webhooks.create(&test.permit(), &input).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenants_row_says_whether_somebody_wants_to_hear_of_logins() {
    let test = Fixture::new().await;
    assert!(!wants_logins(&test).await);
    test.endpoint_for(&[EventKind::UserLocked]).await;
    assert!(!wants_logins(&test).await);
    let (denied, _) = test.endpoint_for(&[EventKind::LoginDenied]).await;
    assert!(wants_logins(&test).await);
    let (all, _) = test.endpoint().await;
    test.webhooks.delete(&test.permit(), &denied.endpoint_id.to_text()).await.unwrap();
    assert!(wants_logins(&test).await, "who wants all wants logins");
    test.webhooks.delete(&test.permit(), &all.endpoint_id.to_text()).await.unwrap();
    assert!(!wants_logins(&test).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_endpoints_and_deliveries_are_not_there() {
    let test = Fixture::new().await;
    let (endpoint, _) = test.endpoint().await;
    let id = endpoint.endpoint_id;
    test.emit_locked().await;
    test.work().await;
    let delivery = test.delivery(id).await;
    let stranger = permit(test.bed.tenant(Environment::Live).await);

    let webhooks = &test.webhooks;
    assert_eq!(webhooks.list(&stranger).await.unwrap(), []);
    assert_eq!(webhooks.lookup(&stranger, id).await.unwrap(), None);
    assert_eq!(webhooks.lookup_delivery(&stranger, delivery.delivery_id).await.unwrap(), None);
    let page = core_kernel::PageRequest::new(10, None).unwrap();
    assert!(webhooks.deliveries(&stranger, id, &page).await.unwrap().rows.is_empty());
    let malformed = WebhookEndpointId(id.0).to_text().replace("endpoint_", "user_");
    for id in [id.to_text(), malformed, "endpoint_".to_owned()] {
        let missing = (RefusalCode::NotFound, vec!["id".to_owned()]);
        assert_eq!(refused(webhooks.rotate(&stranger, &id).await), missing);
        assert_eq!(refused(webhooks.test(&stranger, &id).await), missing);
        assert_eq!(refused(webhooks.delete(&stranger, &id).await), missing);
    }
    let missing = (RefusalCode::NotFound, vec!["deliveryId".to_owned()]);
    for id in [delivery.delivery_id.to_text(), "delivery_1".to_owned()] {
        assert_eq!(refused(webhooks.redeliver(&stranger, &id).await), missing);
    }
    assert_eq!(test.delivery(id).await, delivery, "untouched");
    test.work().await;
    assert_eq!(test.receiver.heard().len(), 1);
}
