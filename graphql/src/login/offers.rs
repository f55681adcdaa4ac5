//! What users are offered at logins. The users of a page's logins are read together.

use async_graphql::{Context, Result};
use core_access::{Operation, Permit};
use core_kernel::{LoginId, UserId};
use core_policy::EnrollmentOffer;
use svc_logins::{LoginView, UserAtLogin};

use super::types::LoginMethod;
use crate::context::{permit, services};
use crate::loaders::loaders;

/// The ways to complete a login, the preferred first.
pub(super) async fn methods_of(ctx: &Context<'_>, login: &LoginView) -> Result<Vec<LoginMethod>> {
    let permit = permit(ctx, Operation::ReadLogin)?;
    let Some(at) = login.asked_user() else { return Ok(Vec::new()) };
    let Some(at) = user_at(ctx, &permit, at).await? else { return Ok(Vec::new()) };
    let methods = services(ctx)?.logins.methods_at(&permit, login, at).await?;
    Ok(methods.into_iter().map(LoginMethod::from).collect())
}

/// What a user without a factor is asked; none unless the outcome is ENROLL.
pub(super) async fn offer_at(ctx: &Context<'_>, login: &LoginView) -> Result<Option<EnrollmentOffer>> {
    let permit = permit(ctx, Operation::ReadLogin)?;
    let Some(at) = login.prompted_user() else { return Ok(None) };
    let Some(at) = user_at(ctx, &permit, at).await? else { return Ok(None) };
    Ok(services(ctx)?.logins.enrollment_prompt_at(&permit, login, &at).await?)
}

/// None where the user was erased a moment ago.
async fn user_at(ctx: &Context<'_>, permit: &Permit, at: (LoginId, UserId)) -> Result<Option<UserAtLogin>> {
    let (permit, logins) = (permit.clone(), services(ctx)?.logins.clone());
    let load = |all: Vec<_>| async move { logins.users_at(&permit, &all).await };
    loaders(ctx)?.users_at_logins.load(at, load).await
}
