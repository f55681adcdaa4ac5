//! The demo: a partner with a SANDBOX and a LIVE tenant, their keys, and a few users. What was made is
//! kept in `demo.json`, since a key is shown only when it is made.

use std::path::Path;

use anyhow::Context as _;
use core_access::{AdminRole, ApiScope, Caller, Operation, PartnerCaller, PartnerPrincipal, ScopeSet};
use core_kernel::{Fault, PartnerId, Redacted, RefusalCode, Stop, TenantId, TypedId as _};
use core_policy::UserKind;
use core_risk::Weights;
use serde::{Deserialize, Serialize};
use svc_admins::AddAdmin;
use svc_directory::{
    CreateApiKeyInput, CreateTenantInput, Environment, PartnerKeyInput, UpdateTenantInput, UpsertUserInput,
};
use svc_logins::RiskSources;

use super::facts::write_private;
use super::{banner, history};
use crate::wiring::Wiring;

/// The demo's administrators.
const ADMINS: [(AdminRole, &str); 6] = [
    (AdminRole::Owner, "Olivia Hart"),
    (AdminRole::Admin, "Adam Reyes"),
    (AdminRole::Support, "Sofia Lindgren"),
    (AdminRole::Advisor, "Avery Stone"),
    (AdminRole::Billing, "Bill Archer"),
    (AdminRole::Auditor, "Audrey Kim"),
];
const FILE: &str = "demo.json";
/// The firm's name is taken where an earlier demo lost its file.
const SPELLINGS: u32 = 100;

/// What the demo is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Seeded {
    pub partner: SeededPartner,
    /// The SANDBOX tenant first: the demo's website is its.
    pub tenants: Vec<SeededTenant>,
    pub users: Vec<SeededUser>,
    /// OWNER of the first tenant.
    pub admin: Option<SeededAdmin>,
    pub roles: Vec<SeededAdmin>,
    /// The administrator who plays the advisor at the demo's website.
    pub advisor_email: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeededPartner {
    pub id: String,
    pub api_key: String,
    /// Its OWNER. None in the file of a demo that was made when a partner's people did not sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<PartnerOwner>,
}

/// Who signs in for the partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartnerOwner {
    pub email: String,
    pub password: String,
    pub totp_secret: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeededTenant {
    pub id: String,
    pub slug: String,
    pub environment: String,
    /// LOGIN, USERS, READ.
    pub api_key: String,
    /// SUPPORT, POLICY, READ.
    pub support_api_key: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeededUser {
    pub external_id: String,
    pub password: String,
    pub kind: String,
    pub display_name: String,
    pub email: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeededAdmin {
    pub role: String,
    pub email: String,
    pub password: String,
    pub totp_secret: String,
}

impl Seeded {
    /// The tenant of the demo's website.
    pub(super) fn sandbox(&self) -> Option<&SeededTenant> {
        self.tenants.iter().find(|tenant| tenant.environment == Environment::Sandbox.as_str())
    }
}

/// The demo of an earlier start, where it still holds; else a new one.
pub(super) async fn ensure(wiring: &Wiring, folder: &Path, demo_url: &str) -> anyhow::Result<Seeded> {
    let file = folder.join(FILE);
    let seeded = match earlier(wiring, &file).await? {
        Some(seeded) if seeded.partner.admin.is_some() => seeded,
        Some(mut seeded) => {
            seeded.partner.admin = add_partner_owner(wiring, &seeded.partner.id).await?;
            write_private(&file, &serde_json::to_vec_pretty(&seeded)?)?;
            seeded
        }
        None => {
            banner::step("making the demo");
            let seeded = seed(wiring).await?;
            write_private(&file, &serde_json::to_vec_pretty(&seeded)?)?;
            seeded
        }
    };
    allow_returns(wiring, &seeded, demo_url).await?;
    Ok(seeded)
}

async fn earlier(wiring: &Wiring, file: &Path) -> anyhow::Result<Option<Seeded>> {
    let Ok(text) = std::fs::read(file) else { return Ok(None) };
    let Ok(seeded) = serde_json::from_slice::<Seeded>(&text) else { return Ok(None) };
    match wiring.directory.authenticate(&seeded.partner.api_key).await {
        Ok(_) => Ok(Some(seeded)),
        Err(Fault::Unauthenticated) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Makes the demo.
async fn seed(wiring: &Wiring) -> anyhow::Result<Seeded> {
    let partner = wiring.directory.create_partner("Northgate Services").await?;
    let scopes = ScopeSet::of(&ApiScope::ALL);
    let key = PartnerKeyInput { name: "demo".to_owned(), scopes };
    let key = wiring.directory.create_partner_api_key(partner, &key).await?;
    let api_key = key.secret.expose().clone();
    let principal = PartnerPrincipal::ApiKey { id: key.key.api_key_id, name: "demo".to_owned(), scopes };
    let caller = PartnerCaller { partner, principal, ip: None };
    let sandbox =
        tenant(wiring, &caller, "meridian-sandbox", "Meridian Advisors (sandbox)", Environment::Sandbox).await?;
    let live = tenant(wiring, &caller, "meridian", "Meridian Advisors", Environment::Live).await?;
    let roles = add_admins(wiring, [&sandbox, &live]).await?;
    let admin = add_partner_owner(wiring, &partner.to_text()).await?;
    let users = users();
    let risk = RiskSources { atlas: wiring.atlas.clone(), weights: Weights::default() };
    for tenant in [&sandbox, &live] {
        add_users(wiring, tenant, &users).await?;
        history::write(&wiring.platform, &risk, tenant_id(tenant)?).await?;
    }
    let (owners, roles): (Vec<_>, Vec<_>) =
        roles.into_iter().partition(|admin| admin.role == AdminRole::Owner.as_str());
    Ok(Seeded {
        partner: SeededPartner { id: partner.to_text(), api_key, admin },
        tenants: vec![sandbox, live],
        users,
        admin: owners.into_iter().next(),
        roles,
        // The site's help desk can also replace a lost phone, which takes SUPPORT.
        advisor_email: email_of(AdminRole::Support),
    })
}

async fn tenant(
    wiring: &Wiring,
    partner: &PartnerCaller,
    slug: &str,
    name: &str,
    environment: Environment,
) -> anyhow::Result<SeededTenant> {
    let permit = partner.permit(Operation::CreateTenant)?;
    for spelling in 1..SPELLINGS {
        let slug = if spelling == 1 { slug.to_owned() } else { format!("{slug}-{spelling}") };
        let owner_email = "owner@meridian.example".to_owned();
        let input =
            CreateTenantInput { slug: slug.clone(), name: name.to_owned(), environment, owner_email, policy: None };
        match wiring.directory.create_tenant(&permit, &input).await {
            Ok(created) => {
                let caller = Caller::system(created.settings.tenant_id);
                return Ok(SeededTenant {
                    id: created.settings.tenant_id.to_text(),
                    slug,
                    environment: environment.as_str().to_owned(),
                    api_key: key(wiring, &caller, "login", &[ApiScope::Login, ApiScope::Users, ApiScope::Read]).await?,
                    support_api_key: key(
                        wiring,
                        &caller,
                        "help desk",
                        &[ApiScope::Support, ApiScope::Policy, ApiScope::Read],
                    )
                    .await?,
                });
            }
            Err(stop) if stop.refusal_code() == Some(RefusalCode::AlreadyExists) => {}
            Err(stop) => return Err(stop.into()),
        }
    }
    anyhow::bail!("there is no free name for the demo's tenant; remove the folder to begin anew")
}

async fn key(wiring: &Wiring, caller: &Caller, name: &str, scopes: &[ApiScope]) -> anyhow::Result<String> {
    let permit = caller.permit(Operation::ManageApiKeys)?;
    let input = CreateApiKeyInput { name: name.to_owned(), scopes: scopes.to_vec(), expires_at: None };
    Ok(wiring.directory.create_api_key(&permit, input).await?.secret.expose().clone())
}

/// One administrator of each role, the same persons in all tenants.
async fn add_admins(wiring: &Wiring, tenants: [&SeededTenant; 2]) -> anyhow::Result<Vec<SeededAdmin>> {
    let mut admins = Vec::new();
    for (role, display_name) in ADMINS {
        let password = demo_password(role);
        let add = AddAdmin {
            email: email_of(role),
            role,
            display_name: display_name.to_owned(),
            password: Redacted::new(password.clone()),
        };
        for tenant in tenants {
            // The second tenant finds the person's account there.
            if let Some(secret) = wiring.admins.add_admin(tenant_id(tenant)?, &add).await? {
                admins.push(SeededAdmin {
                    role: role.as_str().to_owned(),
                    email: add.email.clone(),
                    password: password.clone(),
                    totp_secret: secret.into_exposed(),
                });
            }
        }
    }
    Ok(admins)
}

/// Who answers for the partner; none where the address is somebody's of an earlier demo, whose app is
/// known to nobody here.
async fn add_partner_owner(wiring: &Wiring, partner: &str) -> anyhow::Result<Option<PartnerOwner>> {
    let partner = PartnerId::from_text(partner).context("a partner's identifier")?;
    let (email, password) = ("owner@northgate.example".to_owned(), demo_password(AdminRole::Owner));
    let add = AddAdmin {
        email: email.clone(),
        role: AdminRole::Owner,
        display_name: "Paula North".to_owned(),
        password: Redacted::new(password.clone()),
    };
    let secret = match wiring.admins.add_partner_admin(partner, &add).await {
        Err(stop) if stop.refusal_code() == Some(RefusalCode::AlreadyExists) => None,
        added => added?,
    };
    Ok(secret.map(|secret| PartnerOwner { email, password, totp_secret: secret.into_exposed() }))
}

/// More than a name, as is asked of everybody's.
fn demo_password(role: AdminRole) -> String {
    format!("{}-lantern-harbour", role.as_str().to_lowercase())
}

fn email_of(role: AdminRole) -> String {
    format!("{}@meridian.example", role.as_str().to_lowercase())
}

fn users() -> Vec<SeededUser> {
    let user = |external_id: &str, kind: UserKind, display_name: &str| SeededUser {
        external_id: external_id.to_owned(),
        password: format!("{external_id}-demo"),
        kind: kind.as_str().to_owned(),
        display_name: display_name.to_owned(),
        email: format!("{external_id}@meridian.example"),
    };
    vec![
        user("carla", UserKind::External, "Carla Nguyen"),
        user("david", UserKind::External, "David Okafor"),
        user("irene", UserKind::Internal, "Irene Walsh"),
    ]
}

async fn add_users(wiring: &Wiring, tenant: &SeededTenant, users: &[SeededUser]) -> anyhow::Result<()> {
    let permit = Caller::system(tenant_id(tenant)?).permit(Operation::UpsertUser)?;
    for user in users {
        let kind = UserKind::parse(&user.kind).context("a kind of user")?;
        let input = UpsertUserInput {
            external_id: user.external_id.clone(),
            kind,
            display_name: Some(user.display_name.clone()),
            email: Some(user.email.clone()),
            advisor_email: (kind == UserKind::External).then(|| email_of(AdminRole::Advisor)),
            language: None,
            disabled: None,
        };
        wiring.directory.upsert_user(&permit, input).await?;
    }
    Ok(())
}

/// The demo's website may have moved to another port since.
async fn allow_returns(wiring: &Wiring, seeded: &Seeded, demo_url: &str) -> anyhow::Result<()> {
    for tenant in &seeded.tenants {
        let permit = Caller::system(tenant_id(tenant)?).permit(Operation::UpdateTenant)?;
        let input = UpdateTenantInput { return_urls: Some(vec![demo_url.to_owned()]), ..UpdateTenantInput::default() };
        match wiring.directory.update_tenant(&permit, input).await {
            Ok(_) => {}
            // A LIVE tenant does not return to plain http.
            Err(Stop::Refused(_)) => {}
            Err(Stop::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}

fn tenant_id(tenant: &SeededTenant) -> anyhow::Result<TenantId> {
    TenantId::from_text(&tenant.id).context("a tenant's identifier")
}
