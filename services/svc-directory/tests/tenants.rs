//! Making tenants, reading a partner's, changing settings, moving the sandbox's clock.
mod common;

use common::{audit, bed, partner, permit, refusal, refusals, tenant_input};
use core_access::{ApiScope, Operation};
use core_kernel::{Fault, PageRequest, RefusalCode, TenantId};
use core_policy::{AudienceDraft, Channel, PolicyDraft};
use svc_directory::{Branding, Environment, TenantStatus, UpdateTenantInput, WebauthnSettings};
use testkit::partner_caller;

fn policy_of(channels: &[Channel]) -> PolicyDraft {
    let audience = AudienceDraft { allowed_channels: channels.to_vec(), ..AudienceDraft::default() };
    PolicyDraft { internal: audience.clone(), external: audience, ..PolicyDraft::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_has_a_key_a_policy_and_an_owner_to_invite() {
    let (bed, directory) = bed().await;
    let (partner, permit) = partner(&directory).await;
    let created = directory.create_tenant(&permit, &tenant_input("acme")).await.unwrap();
    let tenant = created.settings.tenant_id;
    assert_eq!(created.owner.address(), "owner@acme.example");
    assert_eq!((created.settings.partner_id, created.settings.status), (Some(partner), TenantStatus::Active));
    assert_eq!(*directory.settings(tenant).await.unwrap(), created.settings);
    bed.platform.keys.data_key(&bed.platform.database, tenant).await.unwrap();
    let policies = svc_policy::Policies::new(bed.platform.clone());
    let snapshot = policies.snapshot(tenant).await.unwrap();
    assert_eq!(snapshot.require(bed.now(tenant).await).unwrap().version, 1);
    assert_eq!(audit(&bed, tenant).await, [("key:partner".to_owned(), "tenant.created".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_taken_once_on_the_whole_platform() {
    let (_bed, directory) = bed().await;
    let (_, permit) = partner(&directory).await;
    let (_, rival) = partner(&directory).await;
    directory.create_tenant(&permit, &tenant_input("acme")).await.unwrap();
    let stop = directory.create_tenant(&rival, &tenant_input("acme")).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::AlreadyExists, "slug".to_owned()));
    let page = PageRequest::new(10, None).unwrap();
    assert_eq!(directory.tenants_of_partner(&rival, &page, None).await.unwrap().1, 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_new_tenant_is_told() {
    let (_bed, directory) = bed().await;
    let (_, permit) = partner(&directory).await;
    let mut input = tenant_input("A!");
    input.name = "\n".to_owned();
    input.owner_email = "nobody".to_owned();
    input.policy = Some(policy_of(&[]));
    let told = refusals(directory.create_tenant(&permit, &input).await.unwrap_err());
    let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
    for field in ["slug", "name", "ownerEmail", "policy.internal.allowedChannels"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_cannot_begin_with_a_weaker_channel() {
    let (_bed, directory) = bed().await;
    let (_, permit) = partner(&directory).await;
    let mut input = tenant_input("acme");
    input.policy = Some(policy_of(&[Channel::Totp, Channel::Email]));
    let stop = directory.create_tenant(&permit, &input).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::AcknowledgementRequired, "policy".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sees_its_own_tenants_and_no_others() {
    let (_bed, directory) = bed().await;
    let (mine, permit) = partner(&directory).await;
    let (_, rival) = partner(&directory).await;
    for slug in ["beta", "alpha", "gamma-50"] {
        directory.create_tenant(&permit, &tenant_input(slug)).await.unwrap();
    }
    let theirs = directory.create_tenant(&rival, &tenant_input("theirs")).await.unwrap().settings.tenant_id;

    let slugs = |page: &core_kernel::Page<svc_directory::TenantSettings>| -> Vec<String> {
        page.rows.iter().map(|(_, tenant)| tenant.slug.clone()).collect()
    };
    let (first, count) =
        directory.tenants_of_partner(&permit, &PageRequest::new(2, None).unwrap(), None).await.unwrap();
    assert_eq!((slugs(&first), first.has_next, count), (vec!["alpha".into(), "beta".into()], true, 3));
    let after = PageRequest::new(2, Some(first.rows[1].0.0.clone())).unwrap();
    assert_eq!(slugs(&directory.tenants_of_partner(&permit, &after, None).await.unwrap().0), ["gamma-50"]);
    let all = PageRequest::new(9, None).unwrap();
    for (search, found) in [("GAMMA", 1), ("acme", 3), ("50%", 0), ("_", 0), ("a\0lpha", 1), ("theirs", 0)] {
        let (page, count) = directory.tenants_of_partner(&permit, &all, Some(search)).await.unwrap();
        assert_eq!((page.rows.len(), count), (found, found as i64), "{search}");
    }
    assert!(directory.tenant_of_partner(&permit, theirs).await.unwrap().is_none());
    assert!(directory.tenant_of_partner(&rival, theirs).await.unwrap().is_some());
    assert!(!directory.partner_owns_tenant(mine, theirs).await.unwrap());
    let own = first.rows[0].1.tenant_id;
    for _ in 0..2 {
        assert!(directory.partner_owns_tenant(mine, own).await.unwrap());
    }
    assert_eq!(directory.partner(&permit).await.unwrap().partner_id, mine);
    let stranger = partner_caller(mine, &[ApiScope::Login]).permit(Operation::CreateTenant);
    assert!(matches!(stranger, Err(Fault::Forbidden { .. })));
}

fn editor(tenant: TenantId) -> core_access::Permit {
    permit(tenant, ApiScope::Policy, Operation::UpdateTenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_at_once_and_what_is_left_out_stays() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(testkit::Environment::Live).await;
    assert_eq!(directory.settings(tenant).await.unwrap().language, "en", "and now they are cached");
    let branding = Branding {
        product_name: Some("Acme Online".into()),
        logo_url: Some("https://cdn.acme.example/logo.png".into()),
        color: Some("#AABBCC".into()),
        support_contact: Some("+1 415 555 0100".into()),
        domain: Some("Acme.example".into()),
    };
    let webauthn =
        WebauthnSettings { rp_id: Some("acme.example".into()), origins: vec!["https://login.acme.example".into()] };
    let input = UpdateTenantInput {
        language: Some("es-us".into()),
        time_zone: Some("America/Chicago".into()),
        branding: Some(branding),
        webauthn: Some(webauthn.clone()),
        return_urls: Some(vec!["https://acme.example/portal".into(), "http://localhost:3000/cb".into()]),
        ..UpdateTenantInput::default()
    };
    directory.update_tenant(&editor(tenant), input).await.unwrap();
    let settings = directory.settings(tenant).await.unwrap();
    assert_eq!((settings.name.as_str(), settings.language.as_str()), ("Test Tenant", "es-US"));
    assert_eq!((settings.product_name(), settings.branding.color.as_deref()), ("Acme Online", Some("#aabbcc")));
    assert_eq!(settings.webauthn, webauthn);
    assert!(settings.return_url_allowed("https://acme.example/portal/home?x=1"));
    assert!(!settings.return_url_allowed("https://acme.example/portal/../admin"));
    assert!(!settings.return_url_allowed("https://client.example/after"), "the list is replaced");

    let rename = UpdateTenantInput { name: Some("Acme".into()), ..UpdateTenantInput::default() };
    directory.update_tenant(&editor(tenant), rename.clone()).await.unwrap();
    directory.update_tenant(&editor(tenant), rename).await.unwrap();
    assert_eq!(directory.settings(tenant).await.unwrap().time_zone, "America/Chicago");
    assert_eq!(audit(&bed, tenant).await.len(), 2, "what changes nothing is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_settings_is_told_and_nothing_changes() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(testkit::Environment::Live).await;
    let before = directory.settings(tenant).await.unwrap();
    let text = || Some("\u{0}".to_owned());
    let input = UpdateTenantInput {
        name: text(),
        language: text(),
        time_zone: text(),
        branding: Some(Branding {
            product_name: text(),
            logo_url: text(),
            color: text(),
            support_contact: text(),
            domain: text(),
        }),
        webauthn: Some(WebauthnSettings { rp_id: text(), origins: vec!["x".into()] }),
        return_urls: Some(vec!["https://ok.example/".into(), "https://*.example/".into()]),
    };
    let told = refusals(directory.update_tenant(&editor(tenant), input).await.unwrap_err());
    let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
    let expected = [
        "name",
        "language",
        "timeZone",
        "webauthn.rpId",
        "webauthn.origins.0",
        "branding.productName",
        "branding.logoUrl",
        "branding.color",
        "branding.supportContact",
        "branding.domain",
        "returnUrls.1",
    ];
    assert_eq!(fields, expected);
    directory.invalidate_all();
    assert_eq!(directory.settings(tenant).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_clock_moves_forward_and_only_there() {
    let (bed, directory) = bed().await;
    let sandbox = bed.tenant(testkit::Environment::Sandbox).await;
    let live = bed.tenant(testkit::Environment::Live).await;
    let clock = |tenant| permit(tenant, ApiScope::Policy, Operation::AdvanceSandboxClock);
    let before = bed.now(sandbox).await;
    assert!(bed.platform.tenant_now(sandbox).await.unwrap() < before + chrono::Duration::days(1), "and remembered");
    let shown = directory.advance_sandbox_clock(&clock(sandbox), 31_536_000).await.unwrap();
    assert!(shown >= before + chrono::Duration::days(365));
    assert!(bed.now(sandbox).await >= shown);
    let known = bed.platform.tenant_now(sandbox).await.unwrap();
    assert!(known >= before + chrono::Duration::days(365), "known at once where it was moved");
    assert_eq!(directory.settings(sandbox).await.unwrap().clock_offset_seconds, 31_536_000);
    for seconds in [0, -1, 31_536_001, i64::MAX, i64::MIN] {
        let stop = directory.advance_sandbox_clock(&clock(sandbox), seconds).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::Invalid, "seconds".to_owned()), "{seconds}");
    }
    let stop = directory.advance_sandbox_clock(&clock(live), 60).await.unwrap_err();
    assert_eq!(refusal(stop).0, RefusalCode::NotAllowedByPolicy);
    assert_eq!(directory.settings(live).await.unwrap().environment, Environment::Live);
    assert_eq!(audit(&bed, sandbox).await, [("key:test".to_owned(), "tenant.clock_advanced".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_clock_stays_within_a_hundred_years() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(testkit::Environment::Sandbox).await;
    bed.advance(tenant, 100 * 31_536_000 - 5).await;
    let permit = permit(tenant, ApiScope::Policy, Operation::AdvanceSandboxClock);
    let stop = directory.advance_sandbox_clock(&permit, 6).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::Invalid, "seconds".to_owned()));
    directory.advance_sandbox_clock(&permit, 5).await.unwrap();
}
