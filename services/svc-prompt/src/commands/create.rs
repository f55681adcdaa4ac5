//! `createPromptSession`.

use chrono::TimeDelta;
use core_access::Permit;
use core_crypto::TenantToken;
use core_kernel::{LoginId, PromptId, Refusal, Stop, Timestamp, TypedId};
use core_policy::LoginOutcome;
use io_postgres::TenantTx;
use svc_logins::LoginView;

use crate::prompts::OPEN_PATH;
use crate::store::NewPrompt;
use crate::{PromptPurpose, Prompts, refusal, store};

pub(super) const ADDRESS_PREFIX: &str = "prompt";
/// How long the address can be opened.
const OPEN_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// How fresh the login must be after which settings are changed; commands look at it once more.
const SETTINGS_AFTER: TimeDelta = TimeDelta::minutes(15);
const MAX_STATE_CHARS: usize = 512;

/// `CreatePromptSessionInput`.
#[derive(Debug, Clone, Copy)]
pub struct CreatePromptInput<'a> {
    /// `loginId`.
    pub login: &'a str,
    /// `purpose`.
    pub purpose: PromptPurpose,
    /// `returnUrl`, within one of the tenant's registered ones.
    pub return_url: &'a str,
    /// `state`, at most 512 characters, given back to the letter.
    pub state: Option<&'a str>,
}

impl Prompts {
    /// The address that the browser is to be sent to, within ten minutes. It opens once.
    ///
    /// # Errors
    /// NOT_FOUND, ALREADY_COMPLETED, EXPIRED, NOT_ALLOWED_BY_POLICY or VERIFICATION_REQUIRED at
    /// `loginId`; INVALID at `returnUrl` and `state`.
    pub async fn create(&self, permit: &Permit, input: CreatePromptInput<'_>) -> Result<String, Stop> {
        let tenant = permit.tenant();
        let login = LoginId::from_text(input.login).ok_or_else(refusal::no_such_login)?;
        let login = self.logins.lookup_login(permit, login).await?.ok_or_else(refusal::no_such_login)?;
        let settings = self.directory.settings(tenant).await?;
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let now = tx.tenant_now().await?;
        let url = (!settings.return_url_allowed(input.return_url)).then(refusal::return_url_unknown);
        let refusals: Vec<Refusal> =
            [why_not(&login, input.purpose, now), url, state(input.state)].into_iter().flatten().collect();
        if !refusals.is_empty() {
            return Err(refusals.into());
        }
        let token = TenantToken::generate(ADDRESS_PREFIX, tenant, &*self.platform.entropy);
        let prompt = NewPrompt {
            id: PromptId::new(&*self.platform.entropy, self.platform.now()),
            user: login.user_id,
            login: login.login_id,
            purpose: input.purpose,
            return_url: input.return_url,
            state: input.state,
            created_at: now,
            expires_at: now + OPEN_WITHIN,
            open_digest: token.digest(),
        };
        store::insert(&mut tx, &prompt).await?;
        tx.commit().await?;
        Ok(format!("{}{OPEN_PATH}{}", self.platform.public_url, token.expose()))
    }
}

/// Why there is nothing to ask about this login.
fn why_not(login: &LoginView, purpose: PromptPurpose, now: Timestamp) -> Option<Refusal> {
    match (purpose, login.completed_at) {
        (PromptPurpose::Settings, Some(at)) if now - at < SETTINGS_AFTER => None,
        (PromptPurpose::Settings, _) => Some(refusal::login_incomplete()),
        (PromptPurpose::Login, Some(_)) => Some(refusal::login_complete()),
        (PromptPurpose::Login, None) if !matches!(login.outcome, LoginOutcome::Challenge | LoginOutcome::Enroll) => {
            Some(refusal::nothing_to_ask())
        }
        (PromptPurpose::Login, None) => (now >= login.expires_at).then(refusal::login_over),
    }
}

fn state(state: Option<&str>) -> Option<Refusal> {
    let bad = |state: &str| state.chars().count() > MAX_STATE_CHARS || state.contains('\0');
    state.is_some_and(bad).then(refusal::state_too_long)
}
