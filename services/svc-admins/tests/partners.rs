//! Those who answer for a partner, signed in: for the partner, in its tenants, and nowhere else.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{PASSWORD, PLATFORM, Person, World, seed};
use core_access::{AdminRole, ApiScope, Caller, Operation, PartnerCaller, PartnerPrincipal, Principal};
use core_kernel::{Fault, PartnerId, Redacted, RefusalCode, TenantId, TypedId};
use svc_admins::{Acting, Named, SecondFactor};
use svc_directory::{CreateTenantInput, Environment};

struct Firm {
    world: World,
    partner: PartnerId,
    tenant: TenantId,
}

impl Firm {
    async fn new() -> Self {
        let world = World::new().await;
        let partner = world.directory.create_partner("Northgate").await.unwrap();
        let tenant = tenant_of(&world, partner, "meridian").await;
        Self { world, partner, tenant }
    }

    /// Invited, accepted, and signed in for the first time.
    async fn person(&self, email: &str, role: AdminRole) -> (Person, Redacted<String>) {
        let world = &self.world;
        world.admins.invite_partner_admin(self.partner, email, role).await.unwrap();
        let accepted = world.accept(&world.invitation(PLATFORM).await.unwrap()).await.unwrap();
        let totp = seed(&accepted);
        let step = world.prove(&accepted.method_id.into(), &world.code(&totp)).await.unwrap();
        let SecondFactor::SignedIn(signed_in) = step else { panic!("{step:?}") };
        let person = world.person("the-other@firm.example", AdminRole::Auditor).await;
        (Person { email: email.to_owned(), totp, ..person }, signed_in.token)
    }

    async fn acting(&self, session: &Redacted<String>, named: Named<'_>) -> Result<Acting, Fault> {
        self.world.admins.acting_by_session(session, named, None).await
    }

    async fn in_tenant(&self, session: &Redacted<String>, tenant: TenantId) -> Result<Caller, Fault> {
        let text = tenant.to_text();
        match self.acting(session, Named { tenant: Some(&text), partner: None }).await? {
            Acting::InTenant(caller) => Ok(caller),
            Acting::ForPartner(caller) => panic!("{caller:?}"),
        }
    }

    async fn for_partner(&self, session: &Redacted<String>) -> PartnerCaller {
        match self.acting(session, Named::default()).await.unwrap() {
            Acting::ForPartner(caller) => caller,
            Acting::InTenant(caller) => panic!("{caller:?}"),
        }
    }
}

async fn tenant_of(world: &World, partner: PartnerId, slug: &str) -> TenantId {
    let permit = testkit::partner_caller(partner, &[ApiScope::Tenants]).permit(Operation::CreateTenant).unwrap();
    let input = CreateTenantInput {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        environment: Environment::Sandbox,
        owner_email: format!("owner@{slug}.example"),
        policy: None,
    };
    world.directory.create_tenant(&permit, &input).await.unwrap().settings.tenant_id
}

fn is_forbidden<T: std::fmt::Debug>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Forbidden { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_invited_sign_in_and_act_for_the_partner_and_in_its_tenants() {
    let firm = Firm::new().await;
    let (olga, session) = firm.person("Olga@northgate.example", AdminRole::Owner).await;
    let caller = firm.for_partner(&session).await;
    assert_eq!((caller.partner, caller.audit_name()), (firm.partner, "partner:Olga@northgate.example".to_owned()));
    assert!(caller.permit(Operation::CreateTenant).is_ok());
    let permit = caller.permit(Operation::ReadPartner).unwrap();
    let own = firm.world.directory.own_partner_admin(&permit).await.unwrap().unwrap();
    assert_eq!((own.display_name.as_deref(), own.last_signed_in_at.is_some()), (Some("Ann Lee"), true));

    let within = firm.in_tenant(&session, firm.tenant).await.unwrap();
    assert_eq!(within.tenant, firm.tenant);
    assert!(matches!(&within.principal, Principal::PartnerAdmin { partner, .. } if *partner == firm.partner));
    assert!(within.permit(Operation::PublishPolicy).is_ok() && within.permit(Operation::ManageAdmins).is_err());

    // The same door and the same means: password, then the app.
    let again = firm.world.sign_in(&olga).await.token;
    assert!(matches!(firm.for_partner(&again).await.principal, PartnerPrincipal::Admin(_)));
    assert!(firm.world.audit(PLATFORM).await.contains(&"partner_admin.invited".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_tenant_and_no_other_partner_is_reached() {
    let firm = Firm::new().await;
    let (_, session) = firm.person("olga@northgate.example", AdminRole::Owner).await;
    let rival = firm.world.directory.create_partner("Rival").await.unwrap();
    let theirs = tenant_of(&firm.world, rival, "rivals-own").await;
    for tenant in [theirs, firm.world.tenant, PLATFORM] {
        assert!(is_forbidden(firm.in_tenant(&session, tenant).await), "{tenant}");
    }
    let (own, rivals) = (firm.tenant.to_text(), rival.to_text());
    for named in [
        Named { tenant: None, partner: Some(&rivals) },
        Named { tenant: Some(&own), partner: Some(&rivals) },
        Named { tenant: Some("nonsense"), partner: None },
        Named { tenant: None, partner: Some("") },
    ] {
        assert!(is_forbidden(firm.acting(&session, named).await), "{named:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_in_the_tenant_goes_before_one_with_its_partner() {
    let firm = Firm::new().await;
    let (_, session) = firm.person("olga@northgate.example", AdminRole::Owner).await;
    let permit = Caller::system(firm.tenant).permit(Operation::InviteAdmin).unwrap();
    let input = svc_admins::InviteAdmin { email: "olga@northgate.example".to_owned(), role: AdminRole::Auditor };
    firm.world.admins.invite_admin(&permit, &input).await.unwrap();

    let own = firm.in_tenant(&session, firm.tenant).await.unwrap();
    assert!(matches!(&own.principal, Principal::Admin(admin) if admin.role == AdminRole::Auditor), "{own:?}");
    let nothing_named = firm.acting(&session, Named::default()).await.unwrap();
    assert!(matches!(nothing_named, Acting::InTenant(caller) if caller == own));
    let (tenant, partner) = (firm.tenant.to_text(), firm.partner.to_text());
    let by_partner = Named { tenant: Some(&tenant), partner: Some(&partner) };
    let by_partner = firm.acting(&session, by_partner).await.unwrap();
    assert!(matches!(by_partner, Acting::InTenant(Caller { principal: Principal::PartnerAdmin { .. }, .. })));
    let itself = firm.acting(&session, Named { tenant: None, partner: Some(&partner) }).await.unwrap();
    assert!(matches!(itself, Acting::ForPartner(caller) if caller.partner == firm.partner));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_taken_off_the_list_is_nobody_at_once_everywhere() {
    let firm = Firm::new().await;
    let (olga, session) = firm.person("olga@northgate.example", AdminRole::Owner).await;
    let elsewhere = firm.world.replica();
    assert!(elsewhere.acting_by_session(&session, Named::default(), None).await.is_ok());
    assert!(firm.world.directory.remove_partner_admin(firm.partner, &olga.email).await.unwrap());
    assert!(is_forbidden(elsewhere.acting_by_session(&session, Named::default(), None).await));
    assert!(is_forbidden(elsewhere.acting_by_open_session(&session, Named::default(), None).await));
    assert!(is_forbidden(firm.in_tenant(&session, firm.tenant).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_twice_or_badly_is_refused_and_no_invitation_is_left() {
    let firm = Firm::new().await;
    let invite = async |partner, email: &str| {
        firm.world
            .admins
            .invite_partner_admin(partner, email, AdminRole::Admin)
            .await
            .map_err(|stop| stop.refusal_code())
    };
    assert!(invite(firm.partner, "olga@northgate.example").await.is_ok());
    assert_eq!(invite(firm.partner, "OLGA@northgate.example").await.unwrap_err(), Some(RefusalCode::AlreadyExists));
    assert_eq!(invite(firm.partner, "nobody").await.unwrap_err(), Some(RefusalCode::Invalid));
    let nobody = PartnerId(firm.tenant.0);
    assert_eq!(invite(nobody, "bob@northgate.example").await.unwrap_err(), Some(RefusalCode::NotFound));
    let mut tx = firm.world.tx(PLATFORM).await;
    let left: i64 = sqlx::query_scalar("select count(*) from account_invitation where tenant_id = $1")
        .bind(PLATFORM.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(left, 1);
    drop(tx);

    // An account that signs in already needs no token, and finds the partner there.
    let ann = firm.world.person("ann@firm.example", AdminRole::Auditor).await;
    assert!(invite(firm.partner, &ann.email).await.is_ok());
    firm.world.advance(TimeDelta::seconds(30));
    assert!(firm.world.password(&ann.email, PASSWORD).await.is_ok());
    let session = firm.world.sign_in(&ann).await.token;
    assert_eq!(firm.world.admins.session(&session).await.unwrap().partners.len(), 1);
}
