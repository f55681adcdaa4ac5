//! The signed statement that a login is complete.

use core_crypto::{AssertionClaims, FirstFactorProof, Proof};
use core_kernel::{Fault, TenantId};
use core_policy::{Completion, FirstFactor, MethodChannel};
use svc_platform::Platform;

use crate::LoginView;

/// Signs the assertion of a complete login; none where it is not complete.
pub(crate) fn sign(platform: &Platform, tenant: TenantId, login: &LoginView) -> Result<Option<String>, Fault> {
    let Some(completed) = login.completed_wall else { return Ok(None) };
    let reasons = login.reasons.iter().map(|reason| reason.as_str());
    let claims = AssertionClaims::new(&platform.public_url, tenant, &login.external_id, login.login_id, completed)
        .with_proofs(first_factor(login.first_factor), login.completed_proof.map(proof))
        .with_decision(reasons, login.policy_version)
        .with_first_enrollment(login.completed_with == Some(Completion::Enrolled));
    let key = platform.keys.signer(platform.now())?;
    key.sign(&claims).map(Some).map_err(Fault::internal)
}

fn first_factor(first: FirstFactor) -> FirstFactorProof {
    match first {
        FirstFactor::Password => FirstFactorProof::Password,
        FirstFactor::Sso => FirstFactorProof::Sso,
        FirstFactor::OneTimeLink => FirstFactorProof::OneTimeLink,
    }
}

fn proof(channel: MethodChannel) -> Proof {
    match channel {
        MethodChannel::Sms => Proof::Sms,
        MethodChannel::Voice => Proof::Voice,
        MethodChannel::Email => Proof::Email,
        MethodChannel::Totp => Proof::Totp,
        MethodChannel::Passkey => Proof::Passkey,
        MethodChannel::BackupCode => Proof::BackupCode,
        MethodChannel::TemporaryAccessCode => Proof::TemporaryAccessCode,
    }
}
