//! Keys: who makes them, with what, and when they stop to open anything.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use chrono::{Months, TimeDelta};
use common::{admin, as_admin, audit, bed, number, partner, refusal, refusals, run, tenant_input};
use core_access::{AdminRole, ApiScope, Operation, Permit, ScopeSet};
use core_kernel::{ApiKeyId, Fault, RefusalCode, TenantId, TypedId};
use io_postgres::{ChangeEvent, listen};
use svc_directory::{Authenticated, CreateApiKeyInput, CreatedApiKey, Directory, PartnerKeyInput};
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};

fn input(scopes: &[ApiScope]) -> CreateApiKeyInput {
    CreateApiKeyInput { name: "Login server".to_owned(), scopes: scopes.to_vec(), expires_at: None }
}

async fn owner(bed: &TestBed, tenant: TenantId) -> Permit {
    let actor = admin(bed, tenant, "owner@firm.example", AdminRole::Owner).await;
    as_admin(tenant, &actor).permit(Operation::ManageApiKeys).unwrap()
}

async fn key(directory: &Directory, permit: &Permit) -> CreatedApiKey {
    directory.create_api_key(permit, input(&[ApiScope::Login, ApiScope::Read])).await.unwrap()
}

fn unauthenticated<T>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Unauthenticated))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_tenant_with_its_scopes() {
    let (bed, directory) = bed().await;
    for (environment, prefix) in [(Environment::Live, "postern_live_"), (Environment::Sandbox, "postern_sandbox_")] {
        let tenant = bed.tenant(environment).await;
        let permit = owner(&bed, tenant).await;
        let made = key(&directory, &permit).await;
        let secret = made.secret.expose();
        assert!(secret.starts_with(prefix) && secret.starts_with(&made.key.prefix));
        for _ in 0..2 {
            let Authenticated::Tenant(found) = directory.authenticate(secret).await.unwrap() else { panic!() };
            assert_eq!((found.tenant, found.id, found.name.as_str()), (tenant, made.key.api_key_id, "Login server"));
            assert_eq!(found.scopes, ScopeSet::of(&[ApiScope::Login, ApiScope::Read]));
            assert!(found.caller(None, None).permit(Operation::EvaluateLogin).is_ok());
        }
        let expected = ("admin:owner@firm.example".to_owned(), "api_key.created".to_owned());
        assert_eq!(audit(&bed, tenant).await, [expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_does_not_hold_the_secret() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let made = key(&directory, &permit).await;
    let mut tx = io_postgres::TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let row: String = sqlx::query_scalar("select row_to_json(k)::text from api_key k where k.tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    let random = made.secret.expose().trim_start_matches("postern_live_");
    assert!(row.contains(&made.key.prefix) && !row.contains(random) && !row.contains(&random[6..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_answered_alike() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let secret = key(&directory, &permit).await.secret.into_exposed();
    let other_kind = secret.replace("_live_", "_sandbox_");
    let mut changed = secret.clone();
    changed.replace_range(20..21, if &secret[20..21] == "A" { "B" } else { "A" });
    for bad in
        ["", "x", &other_kind, &changed, &secret[..secret.len() - 1], &format!("{secret}A"), &secret.to_uppercase()]
    {
        assert!(unauthenticated(directory.authenticate(bad).await), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_dead_at_once_here_and_on_other_replicas() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let made = key(&directory, &permit).await;
    let (secret, id) = (made.secret.expose(), made.key.api_key_id.to_text());
    let replica = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let told = replica.clone();
    let listener = tokio::spawn(listen(bed.platform.database.clone(), move |event| {
        told.invalidate_all();
        let _ = heard.send(event);
    }));
    assert_eq!(hears.recv().await, Some(ChangeEvent::Missed));
    directory.authenticate(secret).await.unwrap();
    replica.authenticate(secret).await.unwrap();

    let revoked = directory.revoke_api_key(&permit, &id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert!(unauthenticated(directory.authenticate(secret).await));
    assert!(matches!(hears.recv().await, Some(ChangeEvent::Changed(_))));
    assert!(unauthenticated(replica.authenticate(secret).await));
    listener.abort();

    let again = directory.revoke_api_key(&permit, &id).await.unwrap();
    assert_eq!(again.revoked_at, revoked.revoked_at);
    assert_eq!(audit(&bed, tenant).await.len(), 2, "revoking twice is one event");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_is_dead_even_in_memory() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let made = key(&directory, &permit).await;
    let sql = "update api_key set expires_at = now() - interval '1 second' where tenant_id = $1 and api_key_id = $2";
    run(&bed, tenant, sql, made.key.api_key_id.0).await;
    assert!(unauthenticated(directory.authenticate(made.secret.expose()).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hands_on_what_they_lack() {
    let (bed, directory) = bed().await;
    let (partner, permit) = partner(&directory).await;
    let tenant = directory.create_tenant(&permit, &tenant_input("acme")).await.unwrap().settings.tenant_id;
    let partner_key = |scopes: &[ApiScope]| {
        testkit::partner_caller(partner, scopes).in_tenant(tenant, None).permit(Operation::ManageApiKeys)
    };
    let narrow = partner_key(&[ApiScope::Tenants, ApiScope::Read]).unwrap();
    directory.create_api_key(&narrow, input(&[ApiScope::Read])).await.unwrap();
    let wide = partner_key(&ApiScope::ALL).unwrap();
    let everything: Vec<_> = ApiScope::ALL.into_iter().filter(|scope| *scope != ApiScope::Tenants).collect();
    directory.create_api_key(&wide, input(&everything)).await.unwrap();
    for (permit, scopes) in [
        (&narrow, vec![ApiScope::Login]),
        (&narrow, vec![ApiScope::Read, ApiScope::Support]),
        (&narrow, vec![ApiScope::Tenants]),
        (&wide, vec![ApiScope::Tenants]),
        (&wide, vec![ApiScope::Login, ApiScope::Tenants]),
        (&owner(&bed, tenant).await, vec![ApiScope::Tenants]),
        (&wide, vec![]),
    ] {
        let stop = directory.create_api_key(permit, input(&scopes)).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::Invalid, "scopes".to_owned()), "{scopes:?}");
    }
    for scopes in [&[ApiScope::Support][..], &[ApiScope::Login, ApiScope::Users, ApiScope::Policy, ApiScope::Read]] {
        assert!(partner_key(scopes).is_err(), "without TENANTS a partner's key makes no keys");
        assert!(caller(tenant, scopes).permit(Operation::ManageApiKeys).is_err(), "nor does a tenant's");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_key_makes_no_keys_whatever_its_scopes() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let forged = caller(tenant, &ApiScope::ALL).permit(Operation::ManageApiKeys).unwrap();
    let stop = directory.create_api_key(&forged, input(&[ApiScope::Read])).await.unwrap_err();
    assert!(matches!(stop, core_kernel::Stop::Fault(Fault::Forbidden { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_dates_are_checked() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let now = bed.platform.now();
    let over_a_year = now + Months::new(12) + TimeDelta::minutes(5);
    for at in ["soon".to_owned(), (now - TimeDelta::seconds(1)).to_rfc3339(), over_a_year.to_rfc3339()] {
        let given = CreateApiKeyInput { name: " ".to_owned(), expires_at: Some(at), ..input(&[ApiScope::Read]) };
        let told = refusals(directory.create_api_key(&permit, given).await.unwrap_err());
        let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
        assert_eq!(fields, ["name", "expiresAt"]);
    }
    let at = now + TimeDelta::days(30);
    let given = CreateApiKeyInput { expires_at: Some(at.to_rfc3339()), ..input(&[ApiScope::Read]) };
    let made = directory.create_api_key(&permit, given).await.unwrap();
    assert_eq!(made.key.expires_at.timestamp_micros(), at.timestamp_micros());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_keys_cannot_be_seen_or_revoked() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let (mine, theirs) = (owner(&bed, tenant).await, owner(&bed, other).await);
    let made = key(&directory, &mine).await;
    for id in [made.key.api_key_id.to_text(), made.key.api_key_id.to_text().replace("apikey", "user"), String::new()] {
        let stop = directory.revoke_api_key(&theirs, &id).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::NotFound, "id".to_owned()), "{id}");
    }
    assert!(directory.list_api_keys(&theirs).await.unwrap().is_empty());
    assert_eq!(directory.api_key(&theirs, made.key.api_key_id).await.unwrap(), None);
    assert_eq!(directory.list_api_keys(&mine).await.unwrap().len(), 1);
    directory.authenticate(made.secret.expose()).await.expect("untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_key_is_the_partners() {
    let (_bed, directory) = bed().await;
    let (partner, permit) = partner(&directory).await;
    let given = PartnerKeyInput { name: "Bring-up".to_owned(), scopes: ScopeSet::of(&ApiScope::ALL) };
    let made = directory.create_partner_api_key(partner, &given).await.unwrap();
    let secret = made.secret.expose();
    assert!(secret.starts_with("postern_partner_"));
    let Authenticated::Partner(found) = directory.authenticate(secret).await.unwrap() else { panic!() };
    assert_eq!((found.partner, found.id), (partner, made.key.api_key_id));
    assert_eq!(directory.partner_api_key(&permit, found.id).await.unwrap().unwrap().name, "Bring-up");
    directory.touch_api_keys().await.unwrap();
    assert!(directory.partner_api_key(&permit, found.id).await.unwrap().unwrap().last_used_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_are_written_at_most_once_a_minute() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = owner(&bed, tenant).await;
    let made = key(&directory, &permit).await;
    let id: ApiKeyId = made.key.api_key_id;
    let used = async || directory.api_key(&permit, id).await.unwrap().unwrap().last_used_at;
    assert_eq!(used().await, None);
    directory.authenticate(made.secret.expose()).await.unwrap();
    assert_eq!(used().await, None, "no request waits for it");
    directory.touch_api_keys().await.unwrap();
    let first = used().await;
    assert!(first.is_some());
    let version = "select xmin::text::bigint from api_key where tenant_id = $1 and api_key_id = $2";
    let before = number(&bed, tenant, version, id.0).await;
    directory.invalidate_api_keys();
    directory.authenticate(made.secret.expose()).await.unwrap();
    directory.touch_api_keys().await.unwrap();
    assert_eq!((used().await, number(&bed, tenant, version, id.0).await), (first, before), "not again within a minute");
}
