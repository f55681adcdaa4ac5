//! Factors as other types show them.

use async_graphql::{Context, Result};
use core_access::Operation;
use core_kernel::{FactorId, TypedId, UserId};

use super::types::Factor;
use crate::context::{permit, services};
use crate::loaders::loaders;

/// A user's factors, the oldest first. Whoever has the user may see them.
pub(crate) async fn factors_of(ctx: &Context<'_>, user: UserId) -> Result<Vec<Factor>> {
    let (permit, factors) = (permit(ctx, Operation::ReadUser)?, services(ctx)?.factors.clone());
    let load = |users: Vec<UserId>| async move { factors.list_factors_of(&permit, &users).await };
    let views = loaders(ctx)?.factors.load(user, load).await?.unwrap_or_default();
    Ok(views.into_iter().map(Factor::try_from).collect::<Result<_, _>>()?)
}

/// The contacts that the tenant supplied and the user has not confirmed.
pub(crate) async fn suggested_factors(ctx: &Context<'_>, user: UserId) -> Result<Vec<Factor>> {
    let (permit, factors) = (permit(ctx, Operation::ReadLogin)?, services(ctx)?.factors.clone());
    let load = |users: Vec<UserId>| async move { factors.list_factors_of(&permit, &users).await };
    let views = loaders(ctx)?.suggested.load(user, load).await?.unwrap_or_default();
    let suggested = views.into_iter().filter(|view| view.suggested);
    Ok(suggested.map(Factor::try_from).collect::<Result<_, _>>()?)
}

pub(crate) async fn load_factor(ctx: &Context<'_>, id: &str) -> Result<Option<Factor>> {
    let (Some(factor), Ok(permit)) = (FactorId::from_text(id), permit(ctx, Operation::ReadUser)) else {
        return Ok(None);
    };
    let found = services(ctx)?.factors.lookup_factor(&permit, factor).await?;
    Ok(found.map(Factor::try_from).transpose()?)
}
