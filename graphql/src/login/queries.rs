//! Logins, methods and challenges by identifier.

use async_graphql::{Context, ID, Object, Result};
use core_access::{Operation, Permit};
use core_kernel::{ChallengeId, LoginId, Refusal, Stop, TypedId, UserId};
use svc_logins::MethodId;

use super::challenges::{by_login, challenges_of};
use super::inputs::LoginFilter;
use super::types::{Login, LoginConnection, LoginMethod};
use crate::challenge::Challenge;
use crate::connection::page_request;
use crate::context::{permit, services};

#[derive(Default)]
pub struct LoginQuery;

#[Object]
impl LoginQuery {
    /// One login; for a key with LOGIN, until five minutes after its completion, with the assertion.
    async fn login(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Login>> {
        let permit = permit(ctx, Operation::ReadLogin)?;
        let Some(login) = LoginId::from_text(id.as_str()) else { return Ok(None) };
        Ok(services(ctx)?.logins.login_by_id(&permit, login).await?.map(Login::from))
    }
}

/// A node: the assertion stays null.
pub(crate) async fn load_login(ctx: &Context<'_>, id: &str) -> Result<Option<Login>> {
    let (Some(login), Ok(permit)) = (LoginId::from_text(id), permit(ctx, Operation::ReadLogin)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.logins.lookup_login(&permit, login).await?.map(Login::from))
}

pub(crate) async fn load_challenge(ctx: &Context<'_>, id: &str) -> Result<Option<Challenge>> {
    let (Some(challenge), Ok(permit)) = (ChallengeId::from_text(id), permit(ctx, Operation::ReadLogin)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.logins.lookup_challenge(&permit, challenge).await?.map(Challenge::from))
}

pub(crate) async fn load_method(ctx: &Context<'_>, id: &str) -> Result<Option<LoginMethod>> {
    let (Some(method), Ok(permit)) = (MethodId::from_text(id), permit(ctx, Operation::ReadLogin)) else {
        return Ok(None);
    };
    let logins = &services(ctx)?.logins;
    let Some(login) = logins.lookup_login(&permit, method.login).await? else { return Ok(None) };
    let methods = logins.methods(&permit, &login).await?;
    Ok(methods.into_iter().find(|view| view.id == method).map(LoginMethod::from))
}

/// Logins of the tenant, or of one of its users, newest first; assertions stay null.
pub(crate) async fn login_list(
    ctx: &Context<'_>,
    permit: &Permit,
    user: Option<UserId>,
    filter: Option<LoginFilter>,
    first: i32,
    after: Option<String>,
) -> Result<LoginConnection> {
    let filter = filter.unwrap_or_default().try_into().map_err(|refusal: Refusal| Stop::from(refusal))?;
    let page = page_request(first, after)?;
    let page = services(ctx)?.logins.list_logins(permit, user, &filter, &page).await?;
    let asked = ctx.look_ahead().field("edges").field("node").field("challenges");
    if !asked.exists() {
        return Ok(LoginConnection::of(page, Login::from));
    }
    let ids: Vec<LoginId> = page.rows.iter().map(|(_, login)| login.login_id).collect();
    let mut challenges = by_login(challenges_of(ctx, permit, &ids, &asked).await?);
    Ok(LoginConnection::of(page, |login| {
        let its = challenges.remove(&login.login_id).unwrap_or_default();
        Login::with_challenges(login, Some(its))
    }))
}
