//! What is read of logins. Advisors see those of the users assigned to them.

use std::collections::HashMap;

use core_access::{ApiScope, Permit};
use core_kernel::{LoginId, Page, PageRequest, Stop, Timestamp, TypedId, UserId};
use core_policy::LoginOutcome;
use io_postgres::TenantTx;

use crate::Logins;
use crate::model::LoginView;
use crate::refusals::no_such_login;
use crate::span::Position;
use crate::store::logins as store;

/// For how long after its completion `login(id)` gives the assertion, in seconds.
const ASSERTION_SECONDS: i64 = 300;

/// Which logins are wanted; empty is all.
#[derive(Debug, Clone, Default)]
pub struct LoginFilter {
    /// Any of these outcomes.
    pub outcome: Option<Vec<LoginOutcome>>,
    /// Not before, by the tenant's clock.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl Logins {
    /// One login.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_login(&self, permit: &Permit, login: LoginId) -> Result<Option<LoginView>, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let Some(row) = store::lookup_login(&mut tx, login).await? else { return Ok(None) };
        let view = LoginView::from_row(row)?;
        let hidden = permit.caller().only_users_of().is_some_and(|advisor| view.advisor_id != Some(advisor));
        Ok((!hidden).then_some(view))
    }

    /// Several at once; those that are absent, or not for this caller, are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_logins(
        &self,
        permit: &Permit,
        logins: &[LoginId],
    ) -> Result<HashMap<LoginId, LoginView>, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let advisor = permit.caller().only_users_of();
        let mut found = HashMap::new();
        for row in store::lookup_logins(&mut tx, logins).await? {
            let view = LoginView::from_row(row)?;
            if advisor.is_none() || view.advisor_id == advisor {
                found.insert(view.login_id, view);
            }
        }
        Ok(found)
    }

    /// `login(id)`: for a key with LOGIN, and for five minutes after its completion, with the assertion.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn login_by_id(&self, permit: &Permit, login: LoginId) -> Result<Option<LoginView>, Stop> {
        let now = self.platform.now();
        let fresh = |view: &LoginView| {
            permit.caller().has_scope(ApiScope::Login)
                && view.completed_wall.is_some_and(|at| (now - at).num_seconds() < ASSERTION_SECONDS)
        };
        let view = self.lookup_login(permit, login).await?;
        Ok(view.map(|view| LoginView { just_completed: fresh(&view), ..view }))
    }

    /// A login that was just completed by the call that is being answered, with its assertion.
    ///
    /// # Errors
    /// When the database fails or the login is gone.
    pub async fn completed_view(&self, permit: &Permit, login: LoginId) -> Result<LoginView, Stop> {
        let view = self.lookup_login(permit, login).await?.ok_or_else(no_such_login)?;
        Ok(LoginView { just_completed: view.completed_at.is_some(), ..view })
    }

    /// Logins, newest first; of one user where one is named.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_logins(
        &self,
        permit: &Permit,
        filter: &LoginFilter,
        page: &PageRequest,
    ) -> Result<Page<LoginView>, Stop> {
        let outcomes = filter.outcome.as_ref();
        let ahead = self.platform.clocks.offset(&self.platform.database, permit.tenant()).await?;
        let after = page.after.as_deref().and_then(LoginId::from_text).map(|login| Position::of(login.0));
        let narrowed = store::ListFilter {
            advisor: permit.caller().only_users_of(),
            outcomes: outcomes.map(|all| all.iter().map(|outcome| outcome.as_str().to_owned()).collect()),
            from: filter.from,
            to: filter.to,
            not_before: filter.from.map(|from| Position::not_before(from, ahead)),
            before: after.into_iter().chain(filter.to.map(Position::before)).min(),
            limit: page.limit(),
        };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_logins(&mut tx, &narrowed).await?;
        let views = rows.into_iter().map(LoginView::from_row).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(page, views, |view| view.login_id.to_text()))
    }

    /// The same page of the logins of each of these users.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_logins_of(
        &self,
        permit: &Permit,
        users: &[UserId],
        page: &PageRequest,
    ) -> Result<HashMap<UserId, Page<LoginView>>, Stop> {
        let before = page.after.as_deref().and_then(LoginId::from_text).map(|login| Position::of(login.0));
        let advisor = permit.caller().only_users_of();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let mut of_users: HashMap<UserId, Vec<LoginView>> = users.iter().map(|user| (*user, Vec::new())).collect();
        for row in store::list_logins_of(&mut tx, users, advisor, before, page.limit()).await? {
            let view = LoginView::from_row(row)?;
            of_users.entry(view.user_id).or_default().push(view);
        }
        let cut = |views| Page::cut(page, views, |view: &LoginView| view.login_id.to_text());
        Ok(of_users.into_iter().map(|(user, views)| (user, cut(views))).collect())
    }
}
