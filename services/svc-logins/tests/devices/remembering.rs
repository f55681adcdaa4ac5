//! People who have their devices remembered.

use core_kernel::UserId;
use core_policy::{LoginPurpose, UserKind};
use svc_logins::{EvaluateInput, LoginView};

use crate::support::{Fixture, decision, input};

pub const HOME: &str = "192.0.2.10";

pub async fn staff(f: &Fixture, external_id: &str) -> UserId {
    let user = f.bed.user(f.tenant, external_id, UserKind::Internal).await;
    f.add_phone(user, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
    user
}

pub fn with_token(external_id: &str, ip: &str, token: &str) -> EvaluateInput {
    EvaluateInput { ip_address: ip.to_owned(), device_token: Some(token.to_owned()), ..input(external_id) }
}

pub async fn decided(f: &Fixture, external_id: &str, token: &str) -> String {
    decision(&f.ask(&with_token(external_id, HOME, token)).await)
}

/// A login at home that proves the phone, and asks for the device to be remembered.
pub async fn remember(f: &Fixture, external_id: &str) -> (LoginView, Option<String>) {
    let step_up = EvaluateInput { purpose: LoginPurpose::StepUp, ip_address: HOME.to_owned(), ..input(external_id) };
    let login = f.ask(&step_up).await;
    f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", f.tenant.0).await;
    let challenge = f.text(&login).await;
    let output = f.verify_as(challenge, &f.code(challenge), true).await;
    (output.login.expect("completed"), output.device_token.map(|token| token.expose().clone()))
}

pub async fn devices(f: &Fixture, user: UserId) -> i64 {
    f.scalar("select count(*) from trusted_device where tenant_id = $1 and user_id = $2", user.0).await
}
