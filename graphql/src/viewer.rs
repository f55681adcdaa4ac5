//! `viewer`: who am I.

use async_graphql::{Context, ID, Object, Result, SimpleObject, Union};
use core_access::{Operation, Principal};
use core_kernel::Fault;
use svc_directory::AdvisorRecord;

use crate::context::{self, Authority};
use crate::directory::{ApiKey, own_api_key};
use crate::enums::AdminRole;
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
    pub id: ID,
    /// Where mail reaches the person, and the name to sign in with.
    pub email: String,
    /// What the person may do.
    pub role: AdminRole,
}

impl From<AdvisorRecord> for Admin {
    fn from(record: AdvisorRecord) -> Self {
        Self { id: id(record.admin_id), email: record.email, role: record.role.into() }
    }
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whoever makes this request: an administrator or an API key.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        match context::authority(ctx)? {
            Authority::Tenant(caller) => {
                caller.permit(Operation::Viewer)?;
                of_principal(ctx, &caller.principal).await
            }
            Authority::Partner(caller) => own_api_key(ctx, caller.key).await.map(Viewer::ApiKey),
        }
    }
}

async fn of_principal(ctx: &Context<'_>, principal: &Principal) -> Result<Viewer> {
    match principal {
        Principal::ApiKey { id, .. } => own_api_key(ctx, *id).await.map(Viewer::ApiKey),
        Principal::Admin(actor) => {
            Ok(Viewer::Admin(Admin { id: id(actor.id), email: actor.email.clone(), role: actor.role.into() }))
        }
        Principal::System => Err(Fault::Unauthenticated.into()),
    }
}
