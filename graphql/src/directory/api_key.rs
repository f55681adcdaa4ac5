//! An API key, without its secret.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;
use core_kernel::{ApiKeyId, Fault, TypedId};
use svc_directory::ApiKeyRecord;

use crate::context::{self, Authority, permit, services};
use crate::enums::ApiScope;
use crate::ids::id;
use crate::scalars::DateTime;

/// An integrator's credential, without its secret.
#[derive(Clone)]
pub struct ApiKey(ApiKeyRecord);

impl From<ApiKeyRecord> for ApiKey {
    fn from(record: ApiKeyRecord) -> Self {
        Self(record)
    }
}

#[Object]
impl ApiKey {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.api_key_id)
    }

    /// What its maker called it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The first characters, enough to recognise the key by.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// What it may be used for.
    async fn scopes(&self) -> Vec<ApiScope> {
        self.0.scopes.iter().map(ApiScope::from).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// About when it was last presented, to within two minutes.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// At most a year away.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// From then on it opens nothing.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime::from)
    }
}

/// The key that makes this request.
///
/// # Errors
/// UNAUTHENTICATED where it is gone.
pub(crate) async fn own_api_key(ctx: &Context<'_>, id: ApiKeyId) -> Result<ApiKey> {
    let directory = &services(ctx)?.directory;
    let found = match context::partner_caller(ctx) {
        Some(partner) => directory.partner_api_key(&partner.permit(Operation::Viewer)?, id).await?,
        None => directory.api_key(&permit(ctx, Operation::Viewer)?, id).await?,
    };
    Ok(found.map(ApiKey::from).ok_or(Fault::Unauthenticated)?)
}

/// The key of that identifier; `None` where the caller may not see it. Everybody may see their own.
pub(crate) async fn load_api_key(ctx: &Context<'_>, id: &str) -> Result<Option<ApiKey>> {
    let Some(wanted) = ApiKeyId::from_text(id) else { return Ok(None) };
    if presented(ctx)? == Some(wanted) {
        return own_api_key(ctx, wanted).await.map(Some);
    }
    let Ok(permit) = permit(ctx, Operation::ReadApiKeys) else { return Ok(None) };
    Ok(services(ctx)?.directory.api_key(&permit, wanted).await?.map(ApiKey::from))
}

fn presented(ctx: &Context<'_>) -> Result<Option<ApiKeyId>, Fault> {
    Ok(match context::authority(ctx)? {
        Authority::Tenant(caller) => caller.api_key(),
        Authority::Partner(caller) => caller.api_key(),
    })
}
