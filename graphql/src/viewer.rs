//! `viewer`: who am I.

use async_graphql::{Context, Object, Result, Union};
use core_access::{Caller, Operation, PartnerCaller, PartnerPrincipal, Principal};
use core_kernel::Fault;

use crate::admin::{Admin, find_admin, own_partner_admin};
use crate::context::{self, Authority};
use crate::directory::{ApiKey, own_api_key};

/// Whoever makes a request.
#[derive(Union)]
pub enum Viewer {
    /// A person, signed in to the console.
    Admin(Admin),
    /// A credential of an integrator or partner.
    ApiKey(ApiKey),
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whoever makes this request: an administrator or an API key.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        match context::authority(ctx)? {
            Authority::Tenant(caller) => of_caller(ctx, caller).await,
            Authority::Partner(caller) => of_partner(ctx, caller).await,
        }
    }
}

async fn of_caller(ctx: &Context<'_>, caller: &Caller) -> Result<Viewer> {
    let permit = caller.permit(Operation::Viewer)?;
    match &caller.principal {
        Principal::ApiKey { id, .. } => own_api_key(ctx, *id).await.map(Viewer::ApiKey),
        Principal::Admin(actor) => {
            // Removed since the request was let in.
            let admin = find_admin(ctx, &permit, actor.id).await?.ok_or(Fault::Unauthenticated)?;
            Ok(Viewer::Admin(admin))
        }
        Principal::PartnerAdmin { .. } => own_partner_admin(ctx).await.map(Viewer::Admin),
        Principal::User(_) | Principal::System => Err(Fault::Unauthenticated.into()),
    }
}

async fn of_partner(ctx: &Context<'_>, caller: &PartnerCaller) -> Result<Viewer> {
    match &caller.principal {
        PartnerPrincipal::ApiKey { id, .. } => own_api_key(ctx, *id).await.map(Viewer::ApiKey),
        PartnerPrincipal::Admin(_) => own_partner_admin(ctx).await.map(Viewer::Admin),
    }
}
