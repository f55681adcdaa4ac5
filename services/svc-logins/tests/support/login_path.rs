//! The login path, step by step, and the codes that it sends.

use core_access::Operation;
use core_crypto::{CodePurpose, CodeSubject, KeyPurpose, derive_code};
use core_kernel::{ChallengeId, Redacted, TenantId, TypedId};
use core_policy::{FirstFactor, LoginPurpose, MethodChannel};
use svc_directory::users::UserRef;
use svc_logins::{EvaluateInput, LoginView, MethodId, StartOutput, VerifyInput, VerifyOutput};

use super::{Fixture, login_caller};

impl Fixture {
    pub async fn evaluate(&self, external_id: &str) -> LoginView {
        self.ask(&input(external_id)).await
    }

    pub async fn evaluate_from(&self, external_id: &str, ip: &str) -> LoginView {
        self.ask(&EvaluateInput { ip_address: ip.to_owned(), ..input(external_id) }).await
    }

    pub async fn ask(&self, input: &EvaluateInput) -> LoginView {
        // Boxed, here and below: what a test awaits must fit into the stack of its thread.
        let permit = self.permit(Operation::EvaluateLogin);
        Box::pin(self.logins.evaluate(&permit, input)).await.unwrap()
    }

    /// Completes a login by the code of a text.
    pub async fn prove(&self, login: &LoginView) -> LoginView {
        let challenge = self.text(login).await;
        self.verify(challenge, &self.code(challenge)).await.login.expect("a completed login")
    }

    /// A login from there, completed as it asks.
    pub async fn log_in_from(&self, external_id: &str, ip: &str) -> LoginView {
        let login = self.evaluate_from(external_id, ip).await;
        if login.completed_at.is_some() { login } else { self.prove(&login).await }
    }

    /// Begins a login's challenge by text.
    pub async fn text(&self, login: &LoginView) -> ChallengeId {
        self.start_by(login, MethodChannel::Sms).await.challenge.expect("a challenge").challenge_id
    }

    pub async fn methods(&self, login: &LoginView) -> Vec<svc_logins::MethodView> {
        Box::pin(self.logins.methods(&self.permit(Operation::ReadLogin), login)).await.unwrap()
    }

    pub async fn start_by(&self, login: &LoginView, channel: MethodChannel) -> StartOutput {
        let methods = self.methods(login).await;
        let method = methods.iter().find(|method| method.channel == channel).expect("such a method");
        self.start(login, &method.id).await
    }

    pub async fn start(&self, login: &LoginView, method: &MethodId) -> StartOutput {
        let permit = self.permit(Operation::StartChallenge);
        let (login, method) = (login.login_id.to_text(), method.to_text());
        Box::pin(self.logins.start_challenge(&permit, &login, &method)).await.unwrap()
    }

    pub async fn verify(&self, challenge: ChallengeId, code: &str) -> VerifyOutput {
        self.verify_as(challenge, code, false).await
    }

    pub async fn verify_as(&self, challenge: ChallengeId, code: &str, remember_device: bool) -> VerifyOutput {
        self.verify_of(self.tenant, challenge, code, remember_device).await
    }

    pub async fn verify_of(
        &self,
        tenant: TenantId,
        challenge: ChallengeId,
        code: &str,
        remember_device: bool,
    ) -> VerifyOutput {
        let permit = login_caller(tenant).permit(Operation::VerifyChallenge).unwrap();
        let (challenge, code) = (challenge.to_text(), Redacted::new(code.to_owned()));
        let input = VerifyInput { challenge: &challenge, code: Some(&code), credential: None, remember_device };
        Box::pin(self.logins.verify_challenge(&permit, input)).await.unwrap()
    }

    pub fn code(&self, challenge: ChallengeId) -> String {
        let subject = CodeSubject { tenant: self.tenant, challenge, purpose: CodePurpose::Login };
        let ring = self.bed.platform.keys.ring();
        derive_code(ring.current(KeyPurpose::Code), &subject, 6).to_string()
    }

    /// The code that confirms a pending factor.
    pub fn enrolling_code(&self, challenge: ChallengeId) -> String {
        let subject = CodeSubject { tenant: self.tenant, challenge, purpose: CodePurpose::Enroll };
        let ring = self.bed.platform.keys.ring();
        derive_code(ring.current(KeyPurpose::Code), &subject, 6).to_string()
    }

    /// A login of this user with its challenge by text.
    pub async fn challenged(&self, external_id: &str) -> (LoginView, ChallengeId) {
        let login = self.evaluate(external_id).await;
        let challenge = self.text(&login).await;
        (login, challenge)
    }

    pub fn wrong_code(&self, challenge: ChallengeId) -> &'static str {
        if self.code(challenge) == "000000" { "000001" } else { "000000" }
    }
}

pub fn input(external_id: &str) -> EvaluateInput {
    EvaluateInput {
        user: UserRef::ExternalId(external_id.to_owned()),
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip_address: "198.51.100.7".to_owned(),
        user_agent: Some("Mozilla/5.0".to_owned()),
        device_token: None,
        idempotency_key: None,
    }
}
