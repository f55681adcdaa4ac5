//! `viewer`: who am I.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject, Union};
use core_access::{Operation, Principal, ScopeSet};
use core_kernel::{ApiKeyId, Fault, TypedId};

use crate::context::{self, Authority};
use crate::enums::{AdminRole, ApiScope};
use crate::ids::id;

/// Whoever makes a request.
#[derive(Union)]
pub enum Viewer {
    /// A person, signed in to the console.
    Admin(Admin),
    /// A credential of an integrator or partner.
    ApiKey(ApiKey),
}

/// A person who administers a tenant.
#[derive(SimpleObject, Clone)]
pub struct Admin {
    /// Opaque, unique and never reused.
    #[graphql(owned)]
    pub id: ID,
    /// Where mail reaches the person, and the name to sign in with.
    pub email: String,
    /// What the person may do.
    pub role: AdminRole,
}

/// An integrator's credential, without its secret.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ApiKey {
    /// Opaque, unique and never reused.
    #[graphql(owned)]
    pub id: ID,
    /// What its maker called it.
    pub name: String,
    #[graphql(skip)]
    scopes: ScopeSet,
}

#[ComplexObject]
impl ApiKey {
    /// What it may be used for.
    async fn scopes(&self) -> Vec<ApiScope> {
        self.scopes.iter().map(ApiScope::from).collect()
    }
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whoever makes this request: an administrator or an API key.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(match context::authority(ctx)? {
            Authority::Tenant(caller) => {
                caller.permit(Operation::Viewer)?;
                of_principal(&caller.principal)?
            }
            Authority::Partner(caller) => Viewer::ApiKey(key(caller.key, &caller.name, caller.scopes)),
        })
    }
}

fn of_principal(principal: &Principal) -> Result<Viewer, Fault> {
    match principal {
        Principal::ApiKey { id, name, scopes, .. } => Ok(Viewer::ApiKey(key(*id, name, *scopes))),
        Principal::Admin(actor) => {
            Ok(Viewer::Admin(Admin { id: id(actor.id), email: actor.email.clone(), role: actor.role.into() }))
        }
        Principal::System => Err(Fault::Unauthenticated),
    }
}

fn key(id: ApiKeyId, name: &str, scopes: ScopeSet) -> ApiKey {
    ApiKey { id: crate::ids::id(id), name: name.to_owned(), scopes }
}

/// The key that makes this request, where `id` names it.
pub(crate) async fn load_api_key(ctx: &Context<'_>, id: &str) -> Result<Option<ApiKey>> {
    let Some(wanted) = ApiKeyId::from_text(id) else { return Ok(None) };
    let viewer = ViewerQuery.viewer(ctx).await?;
    Ok(match viewer {
        Viewer::ApiKey(key) if key.id.as_str() == wanted.to_text() => Some(key),
        _ => None,
    })
}
