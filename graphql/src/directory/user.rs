//! A user.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;
use core_kernel::{Fault, Stop, UserId};
use svc_directory::UserView;

use crate::admin::{Admin, find_advisor};
use crate::connection::connection;
use crate::context::{permit, services};
use crate::device::{TrustedDevice, devices_of};
use crate::enums::{EnrollmentState, SecurityLevel, UserKind, UserStatus};
use crate::errors::{UserError, user_errors};
use crate::factor::{Factor, factors_of};
use crate::helpdesk::{TemporaryAccessCode, user_temporary_access_codes};
use crate::ids::id;
use crate::loaders::loaders;
use crate::login::{LoginConnection, logins_of_user};
use crate::scalars::DateTime;

connection! {
    /// A page of users.
    UserConnection, UserEdge of User, counted;
}

/// A person whose logins the tenant protects.
pub struct User(UserView);

impl From<UserView> for User {
    fn from(view: UserView) -> Self {
        Self(view)
    }
}

/// The user that a row of another domain refers to; an erased one under a pseudonym.
///
/// # Errors
/// FORBIDDEN where the caller may not read users.
pub(crate) async fn user_of(ctx: &Context<'_>, user: UserId) -> Result<User> {
    let (permit, directory) = (permit(ctx, Operation::ReadUser)?, services(ctx)?.directory.clone());
    let load = |users: Vec<UserId>| async move {
        let found = directory.users_by_id(&permit, &users).await?;
        Ok::<_, Fault>(found.into_iter().map(|view| (view.record.user_id, view)).collect())
    };
    let found = loaders(ctx)?.users.load(user, load).await?;
    Ok(found.map(User::from).ok_or_else(|| Fault::internal("a row refers to a user that is not there"))?)
}

/// The user of that identifier; `None` where the caller may not see it, or it was erased.
pub(crate) async fn load_user(ctx: &Context<'_>, id: &str) -> Result<Option<User>> {
    let Ok(permit) = permit(ctx, Operation::ReadUser) else { return Ok(None) };
    let user = svc_directory::UserRef::Id(id.to_owned());
    Ok(services(ctx)?.directory.find_user(&permit, &user).await?.map(User::from))
}

/// What a command about a user came to, for its payload.
///
/// # Errors
/// Faults, and FORBIDDEN where the caller may not read users.
pub(crate) async fn user_or_errors(
    ctx: &Context<'_>,
    result: Result<UserId, Stop>,
) -> Result<(Option<User>, Vec<UserError>)> {
    match result {
        Ok(user) => Ok((Some(user_of(ctx, user).await?), Vec::new())),
        Err(Stop::Refused(refusals)) => Ok((None, user_errors(refusals))),
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

#[Object]
impl User {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.record.user_id)
    }

    /// The tenant's own key for this person.
    async fn external_id(&self) -> &str {
        &self.0.record.external_id
    }

    /// Whose people.
    async fn kind(&self) -> UserKind {
        self.0.record.kind.into()
    }

    /// A name for persons to read.
    async fn display_name(&self) -> Option<&str> {
        self.0.record.display_name.as_deref()
    }

    /// The address on record.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_ref().map(|email| email.address())
    }

    /// BCP 47; null: the tenant's.
    async fn language(&self) -> Option<&str> {
        self.0.record.language.as_deref()
    }

    /// Whether the user can log in.
    async fn status(&self) -> UserStatus {
        self.0.status.into()
    }

    /// Until when, where LOCKED; null also where a person locked the user, until a person unlocks it.
    async fn locked_until(&self) -> Option<DateTime> {
        self.0.locked_until.map(DateTime::from)
    }

    /// How far the user has come.
    async fn enrollment(&self) -> EnrollmentState {
        self.0.enrollment.into()
    }

    /// From when this user cannot skip any more; null while there is no date.
    async fn enrollment_required_from(&self) -> Option<DateTime> {
        self.0.enrollment_required_from.map(DateTime::from)
    }

    /// In force for this user: the highest of the policy's minimum, the advisor's choice, and the user's choice or else the default.
    async fn security_level(&self) -> SecurityLevel {
        self.0.security_level.into()
    }

    /// The user's own choice.
    async fn chosen_level(&self) -> Option<SecurityLevel> {
        self.0.record.chosen_level.map(SecurityLevel::from)
    }

    /// The advisor's choice.
    async fn advisor_level(&self) -> Option<SecurityLevel> {
        self.0.record.advisor_level.map(SecurityLevel::from)
    }

    /// The administrator who looks after this user.
    async fn advisor(&self, ctx: &Context<'_>) -> Result<Option<Admin>> {
        let Some(advisor) = self.0.record.advisor_id else { return Ok(None) };
        find_advisor(ctx, advisor).await
    }

    /// When Postern first heard of the user, by the tenant's clock.
    async fn created_at(&self) -> DateTime {
        self.0.record.created_at.into()
    }

    /// What the user can prove; suggested and pending ones included.
    async fn factors(&self, ctx: &Context<'_>) -> Result<Vec<Factor>> {
        factors_of(ctx, self.0.record.user_id).await
    }

    /// Devices on which a factor was proved and which need none for a while at STANDARD, the newest first.
    async fn trusted_devices(&self, ctx: &Context<'_>) -> Result<Vec<TrustedDevice>> {
        devices_of(ctx, self.0.record.user_id).await
    }

    /// Codes that advisors issued, newest first, without the codes themselves.
    async fn temporary_access_codes(&self, ctx: &Context<'_>) -> Result<Vec<TemporaryAccessCode>> {
        user_temporary_access_codes(ctx, self.0.record.user_id).await
    }

    /// The user's logins, newest first.
    async fn logins(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<LoginConnection> {
        logins_of_user(ctx, self.0.record.user_id, first, after).await
    }
}
