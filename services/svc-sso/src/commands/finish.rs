//! Somebody comes back from their provider.
//!
//! The flow is used up before anything is asked of anybody, whatever comes of it: a code that is brought a
//! second time finds nothing. Then the provider's answer must hold, and lead to somebody with a role here.

use core_crypto::digest_token;
use core_kernel::{Redacted, Refusal, Stop, TenantId, TypedId};
use core_oidc::{BrowserSecret, Identity, TokenRequest};
use serde_json::json;
use svc_admins::{Client, ProviderProof, ProviderStep};

use crate::client::Unproved;
use crate::commands::link::NotLed;
use crate::known::Issuer;
use crate::model::Provider;
use crate::store::flows::{self, Flow};
use crate::store::providers;
use crate::{ProviderView, SecondFactorRule, SingleSignOn, refusals};

/// In whose name the log says what became of an answer.
pub(super) const ACTOR: &str = "identity_provider";
/// Longer than any code or state.
const MAX_CHARS: usize = 4_096;

/// What the browser brings.
#[derive(Debug, Clone, Default)]
pub struct FinishSignIn {
    /// The tenant, from the address that the provider sent the browser to.
    pub tenant: String,
    /// `state`.
    pub state: String,
    /// `code`; none where the provider refused.
    pub code: Option<Redacted<String>>,
    /// `iss` (RFC 9207).
    pub issuer: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// What the browser kept.
    pub browser: Option<Redacted<String>>,
    /// The session that the browser has already, which ends.
    pub previous: Option<Redacted<String>>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Finished {
    /// The provider let the person in; what follows.
    Go(ProviderStep),
    /// It was a test, and it works: by this address the provider knows whoever tried.
    Tested {
        /// The address that it vouched for.
        email: String,
        /// Whether it said that a second factor was proved.
        second_factor: bool,
    },
}

/// Why an answer leads nowhere.
#[derive(Debug)]
pub(super) enum No {
    /// The provider said so.
    Refused(String),
    /// The answer is another issuer's, or does not say whose.
    MixedUp,
    Unproved(Unproved),
    Led(NotLed),
}

impl std::fmt::Display for No {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the provider answered {error}"),
            Self::MixedUp => write!(f, "the answer came from another issuer, or does not say from which"),
            Self::Unproved(why) => why.fmt(f),
            Self::Led(why) => why.fmt(f),
        }
    }
}

impl No {
    /// For whoever stands at the door.
    fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(_) => refusals::provider_said_no(),
            Self::Unproved(Unproved::Away(_)) => refusals::provider_away(),
            Self::MixedUp | Self::Unproved(_) | Self::Led(_) => refusals::not_accepted(),
        }
    }
}

impl SingleSignOn {
    /// Finishes a sign-in.
    ///
    /// # Errors
    /// EXPIRED at `state` where the flow is over, was used, or is another browser's or tenant's; EXPIRED where the
    /// provider does not answer; NOT_ALLOWED_BY_POLICY where its answer is not accepted; as
    /// [`svc_admins::Admins::sign_in_by_provider`].
    pub async fn finish(&self, input: FinishSignIn, client: &Client) -> Result<Finished, Stop> {
        let tenant = TenantId::from_text(&input.tenant).ok_or_else(refusals::begin_again)?;
        let browser = input.browser.clone().ok_or_else(refusals::begin_again)?;
        let (flow, provider) = self.take_flow(tenant, &input.state, &browser).await?;
        let answered = self.identity(tenant, &provider, &input, &BrowserSecret::new(browser)).await?;
        let identity = match answered {
            Ok(identity) => identity,
            Err(no) => return Err(self.refuse(tenant, flow, &no, client).await?),
        };
        if flow.tried_by.is_some() {
            return self.note_test(tenant, flow, &provider.view, &identity, client).await;
        }
        let led = match self.lead(tenant, &provider.view, &identity, client).await? {
            Ok(led) => led,
            Err(why) => return Err(self.refuse(tenant, flow, &No::Led(why), client).await?),
        };
        let second_factor = counts(&provider.view, &identity);
        let proof = ProviderProof { tenant, account: led.account, second_factor };
        Ok(Finished::Go(self.admins.sign_in_by_provider(proof, input.previous.as_ref(), client).await?))
    }

    async fn take_flow(
        &self,
        tenant: TenantId,
        state: &str,
        browser: &Redacted<String>,
    ) -> Result<(Flow, Provider), Stop> {
        if state.len() > MAX_CHARS || browser.expose().len() > MAX_CHARS {
            return Err(refusals::begin_again().into());
        }
        let (state, browser) = (digest_token(state), digest_token(browser.expose()));
        let mut tx = self.tx(tenant).await?;
        let flow = flows::take(&mut tx, &state, &browser, self.platform.now()).await?;
        let provider = self.provider_in(&mut tx).await?;
        tx.commit().await?;
        Ok(flow.zip(provider).ok_or_else(refusals::begin_again)?)
    }

    /// Who it is, by the provider's word.
    async fn identity(
        &self,
        tenant: TenantId,
        provider: &Provider,
        input: &FinishSignIn,
        browser: &BrowserSecret,
    ) -> Result<Result<Identity, No>, Stop> {
        let issuer = match self.issuer(tenant, &provider.view.issuer).await {
            Ok(issuer) => issuer,
            Err(away) => return Ok(Err(No::Unproved(away.into()))),
        };
        if is_mixed_up(&issuer, input.issuer.as_deref()) {
            return Ok(Err(No::MixedUp));
        }
        let code = match (&input.error, &input.code) {
            (None, Some(code)) if code.expose().len() <= MAX_CHARS => code,
            (error, _) => return Ok(Err(No::Refused(word(error.as_deref())))),
        };
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let client = provider.client(&key)?;
        let request = TokenRequest { client: &client, code, browser };
        Ok(self.redeem(tenant, issuer, request).await.map_err(No::Unproved))
    }

    /// Writes down why, and says what whoever asked may know.
    async fn refuse(&self, tenant: TenantId, flow: Flow, no: &No, client: &Client) -> Result<Stop, Stop> {
        let (why, is_test) = (no.to_string(), flow.tried_by.is_some());
        let mut tx = self.tx(tenant).await?;
        let target = flow.tried_by.map(TypedId::to_text);
        let detail = json!({ "why": why, "test": is_test });
        svc_audit::record_as(&mut tx, ACTOR, "identity_provider.refused", target.as_deref(), detail, client.ip).await?;
        tx.commit().await?;
        let refusal = if is_test { refusals::test_failed(&why) } else { no.refusal() };
        Ok(refusal.into())
    }

    async fn note_test(
        &self,
        tenant: TenantId,
        flow: Flow,
        provider: &ProviderView,
        identity: &Identity,
        client: &Client,
    ) -> Result<Finished, Stop> {
        let email = match crate::commands::link::vouched_for(provider, identity) {
            Ok(email) => email.address().to_owned(),
            Err(why) => return Err(self.refuse(tenant, flow, &No::Led(why), client).await?),
        };
        let second_factor = identity.proved_second_factor(&provider.acr_values);
        let mut tx = self.tx(tenant).await?;
        if !providers::update_tested(&mut tx, provider.updated_at, self.platform.now()).await? {
            return Err(refusals::begin_again().into());
        }
        let target = flow.tried_by.map(TypedId::to_text);
        let detail = json!({ "email": email, "second_factor": second_factor });
        svc_audit::record_as(&mut tx, ACTOR, "identity_provider.tested", target.as_deref(), detail, client.ip).await?;
        tx.commit().await?;
        Ok(Finished::Tested { email, second_factor })
    }
}

/// Whether the answer names another issuer than the one that was asked, or none where it should (RFC 9207 §2.4).
fn is_mixed_up(issuer: &Issuer, named: Option<&str>) -> bool {
    match named {
        Some(named) => named != issuer.metadata.issuer,
        None => issuer.metadata.names_itself,
    }
}

/// Whether the provider's second factor stands in for ours.
fn counts(provider: &ProviderView, identity: &Identity) -> bool {
    provider.second_factor == SecondFactorRule::IdentityProvider && identity.proved_second_factor(&provider.acr_values)
}

/// `error` is one of a few words (RFC 6749 §4.1.2.1); whatever else stands there was written by a stranger.
fn word(error: Option<&str>) -> String {
    let known = |error: &&str| error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    error.filter(known).unwrap_or("nothing that can be used").to_owned()
}
