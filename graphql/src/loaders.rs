//! What fields of one request ask for together, by what they ask.

use async_graphql::Context;
use core_kernel::{AdminId, ChallengeId, Fault, LoginId, Page, PageRequest, UserId};
use svc_admins::AdminView;
use svc_directory::UserView;
use svc_factors::{DeviceView, FactorView};
use svc_helpdesk::TemporaryAccessCode;
use svc_logins::{ChallengeRecord, LoginView, UserAtLogin};
use svc_onboarding::{ImportError, ImportJob};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::batch::Batches;

/// The batches of one request. Two fields that need other permissions have batches of their own: of a batch one
/// permit speaks for all.
#[derive(Default)]
pub(crate) struct Loaders {
    /// Users that rows of another domain refer to.
    pub(crate) users: Batches<UserId, UserView>,
    /// Who looks after users.
    pub(crate) advisors: Batches<AdminId, AdminView>,
    /// `User.factors`.
    pub(crate) factors: Batches<UserId, Vec<FactorView>>,
    /// `EnrollmentPrompt.suggestedFactors`.
    pub(crate) suggested: Batches<UserId, Vec<FactorView>>,
    /// `User.trustedDevices`.
    pub(crate) devices: Batches<UserId, Vec<DeviceView>>,
    /// `User.temporaryAccessCodes`.
    pub(crate) access_codes: Batches<UserId, Vec<TemporaryAccessCode>>,
    /// `User.logins`.
    pub(crate) logins_of_users: Batches<(UserId, PageRequest), Page<LoginView>>,
    /// `Login.challenges`.
    pub(crate) challenges: Batches<LoginId, Vec<ChallengeRecord>>,
    /// `Login.methods` and `Login.enrollmentPrompt`.
    pub(crate) users_at_logins: Batches<(LoginId, UserId), UserAtLogin>,
    /// `Challenge.messages`, and the last of them.
    pub(crate) messages_of_challenges: Batches<ChallengeId, Vec<svc_delivery::Message>>,
    /// Logins that pleas for temporary access refer to.
    pub(crate) logins: Batches<LoginId, LoginView>,
    /// Logins that simulations show.
    pub(crate) simulated: Batches<LoginId, LoginView>,
    /// `ImportJob.errors`, and how many of them.
    pub(crate) import_errors: Batches<(ImportJob, u32), Vec<ImportError>>,
    turns: Turns,
}

/// What is asked of each row by itself, such as of each of a partner's tenants in its own name, takes turns: a page
/// must not take all connections of the gateway.
struct Turns(Semaphore);

/// How many connections such fields of one request take at once.
const AT_ONCE: usize = 4;

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// This request's.
///
/// # Errors
/// INTERNAL in a request that did not come through [`Api`](crate::Api).
pub(crate) fn loaders<'a>(ctx: &Context<'a>) -> Result<&'a Loaders, Fault> {
    ctx.data_opt::<Loaders>().ok_or_else(|| Fault::internal("a request without loaders was executed"))
}

/// Waits until it is this field's turn, which lasts as long as what is returned is held.
///
/// # Errors
/// See [`loaders`].
pub(crate) async fn turn<'a>(ctx: &Context<'a>) -> Result<SemaphorePermit<'a>, Fault> {
    let turns = &loaders(ctx)?.turns.0;
    turns.acquire().await.map_err(Fault::internal)
}
