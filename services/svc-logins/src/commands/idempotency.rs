//! Retries of `evaluateLogin`: bound to the key, to this very input, and to ten minutes.

use core_access::Permit;
use core_kernel::{Fault, LoginId, Refusal, RefusalCode, Stop, Timestamp};
use core_policy::LoginOutcome;

use super::evaluate::EvaluateInput;
use crate::steps::load::Loaded;
use crate::steps::record::Idempotency;
use crate::{LoginView, Logins};

/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 128;
/// How long a login that was allowed outright is given again, in seconds.
const ALLOWED_AGAIN_SECONDS: i64 = 60;

/// The key's entry for this input, where there is one.
pub(crate) fn entry(permit: &Permit, input: &EvaluateInput) -> Result<Option<Idempotency>, Refusal> {
    let Some(key) = &input.idempotency_key else { return Ok(None) };
    if key.is_empty() || key.chars().count() > MAX_KEY_CHARS || key.chars().any(char::is_control) {
        return Err(Refusal::invalid("idempotencyKey", "An idempotency key has 1 to 128 characters."));
    }
    let Some(api_key) = permit.caller().api_key() else { return Ok(None) };
    Ok(Some(Idempotency { api_key, key: key.clone(), digest: digest(input) }))
}

/// Unambiguous: every part with its length.
fn digest(input: &EvaluateInput) -> Vec<u8> {
    let parts = [
        format!("{:?}", input.user),
        input.purpose.as_str().to_owned(),
        input.first_factor.as_str().to_owned(),
        input.ip_address.clone(),
        input.user_agent.clone().unwrap_or_default(),
        input.device_token.clone().unwrap_or_default(),
    ];
    let text: String = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    core_crypto::digest_token(&text).to_vec()
}

fn conflict(message: &str) -> Stop {
    Refusal::new(RefusalCode::Conflict, message).at("idempotencyKey").into()
}

impl Logins {
    /// The login of an earlier call with this key, where there is one.
    pub(crate) async fn repeated(
        &self,
        permit: &Permit,
        loaded: &Loaded,
        entry: Option<&Idempotency>,
    ) -> Result<Option<LoginView>, Stop> {
        let (Some(login), Some(entry), Some(now)) = (loaded.idempotent_login, entry, loaded.now) else {
            return Ok(None);
        };
        if loaded.idempotent_digest.as_deref() != Some(entry.digest.as_slice()) {
            return Err(conflict("This idempotency key was used with another input."));
        }
        let view = self.lookup_login(permit, LoginId(login)).await?.ok_or_else(|| missing(login))?;
        if repeatable(&view, now) {
            // The same answer as the first time: of a login allowed outright with its assertion.
            let just_completed = view.completed_at.is_some();
            Ok(Some(LoginView { just_completed, ..view }))
        } else {
            Err(conflict("The login of this idempotency key is over; use a new key."))
        }
    }
}

fn repeatable(login: &LoginView, now: Timestamp) -> bool {
    match login.completed_at {
        None => true,
        Some(at) => login.outcome == LoginOutcome::Allow && (now - at).num_seconds() <= ALLOWED_AGAIN_SECONDS,
    }
}

fn missing(login: uuid::Uuid) -> Fault {
    Fault::internal(format!("an idempotency key names the login {login}, which does not exist"))
}
