//! Logins, methods and challenges by identifier.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result};
use core_access::{Operation, Permit};
use core_kernel::{ChallengeId, Fault, LoginId, Page, PageRequest, Refusal, Stop, TypedId, UserId};
use svc_logins::{LoginView, Logins, MethodId};

use super::inputs::LoginFilter;
use super::types::{Login, LoginConnection, LoginMethod};
use crate::challenge::Challenge;
use crate::connection::page_request;
use crate::context::{permit, services};
use crate::loaders::loaders;

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

/// The login that a row of another domain refers to; its assertion stays null.
pub(crate) async fn login_of(ctx: &Context<'_>, login: LoginId) -> Result<Option<Login>> {
    let (permit, logins) = (permit(ctx, Operation::ReadLogin)?, services(ctx)?.logins.clone());
    let load = |ids: Vec<LoginId>| async move { logins.lookup_logins(&permit, &ids).await };
    Ok(loaders(ctx)?.logins.load(login, load).await?.map(Login::from))
}

/// Logins of a user, newest first; assertions stay null.
pub(crate) async fn logins_of_user(
    ctx: &Context<'_>,
    user: UserId,
    first: i32,
    after: Option<String>,
) -> Result<LoginConnection> {
    let (permit, logins) = (permit(ctx, Operation::ReadLogins)?, services(ctx)?.logins.clone());
    let key = (user, page_request(first, after)?);
    let load = |keys| async move { pages_of(&logins, &permit, keys).await };
    let page = loaders(ctx)?.logins_of_users.load(key, load).await?;
    let page = page.ok_or_else(|| Fault::internal("a user's logins were not looked for"))?;
    Ok(LoginConnection::of(page, Login::from))
}

type Key = (UserId, PageRequest);

/// Fields that stand under other names may ask for other pages.
async fn pages_of(logins: &Logins, permit: &Permit, keys: Vec<Key>) -> Result<HashMap<Key, Page<LoginView>>, Stop> {
    let mut of_pages: HashMap<PageRequest, Vec<UserId>> = HashMap::new();
    for (user, page) in keys {
        of_pages.entry(page).or_default().push(user);
    }
    let mut found = HashMap::new();
    for (request, users) in of_pages {
        let pages = logins.list_logins_of(permit, &users, &request).await?;
        found.extend(pages.into_iter().map(|(user, page)| ((user, request.clone()), page)));
    }
    Ok(found)
}

/// Logins of the tenant, newest first; assertions stay null.
pub(crate) async fn login_list(
    ctx: &Context<'_>,
    permit: &Permit,
    filter: Option<LoginFilter>,
    first: i32,
    after: Option<String>,
) -> Result<LoginConnection> {
    let filter = filter.unwrap_or_default().try_into().map_err(|refusal: Refusal| Stop::from(refusal))?;
    let page = page_request(first, after)?;
    let page = services(ctx)?.logins.list_logins(permit, &filter, &page).await?;
    Ok(LoginConnection::of(page, Login::from))
}
