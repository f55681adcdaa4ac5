//! Factors as other types show them.

use async_graphql::{Context, Result};
use core_access::{Operation, Permit};
use core_kernel::{FactorId, TypedId, UserId};

use super::types::Factor;
use crate::context::{permit, services};

/// A user's factors, the oldest first. Whoever has the user may see them.
pub(crate) async fn factors_of(ctx: &Context<'_>, permit: &Permit, user: UserId) -> Result<Vec<Factor>> {
    let views = services(ctx)?.factors.list_factors(permit, user).await?;
    Ok(views.into_iter().map(Factor::try_from).collect::<Result<_, _>>()?)
}

/// The contacts that the tenant supplied and the user has not confirmed.
pub(crate) async fn suggested_factors(ctx: &Context<'_>, user: UserId) -> Result<Vec<Factor>> {
    let permit = permit(ctx, Operation::ReadLogin)?;
    let views = services(ctx)?.factors.list_factors(&permit, user).await?;
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
