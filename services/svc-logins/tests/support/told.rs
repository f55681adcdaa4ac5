//! What a login, an answer and a user's history say, in short.

use core_kernel::{Timestamp, UserId};
use svc_logins::{LoginView, VerifyOutput};

use super::Fixture;

/// A user's history, as it is stored.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Memory {
    pub seen: Vec<i64>,
    pub login_hours: Vec<u8>,
    pub last_accuracy_km: Option<f32>,
    pub last_latitude: Option<f32>,
    pub last_longitude: Option<f32>,
    pub last_position_at: Option<Timestamp>,
    pub last_completed_at: Option<Timestamp>,
}

impl Memory {
    /// How many logins were noted.
    pub fn logins(&self) -> i32 {
        self.login_hours.iter().copied().map(i32::from).sum()
    }

    /// Degrees north, to the degree; tells the demo's cities apart.
    pub fn north(&self) -> Option<i32> {
        self.last_latitude.map(|latitude| latitude.round() as i32)
    }
}

impl Fixture {
    pub async fn memory(&self, user: UserId) -> Memory {
        let mut tx = self.tx().await;
        sqlx::query_as(
            "select seen, login_hours, last_accuracy_km, last_latitude, last_longitude, last_position_at, last_completed_at
               from tenant_user where tenant_id = $1 and user_id = $2",
        )
        .bind(self.tenant.0)
        .bind(user.0)
        .fetch_one(tx.connection())
        .await
        .unwrap()
    }
}

/// The findings of a login, in their order: each signal with what it adds.
pub fn signals(login: &LoginView) -> Vec<(String, i64)> {
    let findings = login.risk_signals.as_array().expect("a list");
    findings
        .iter()
        .map(|found| (found["kind"].as_str().unwrap().to_owned(), found["score"].as_i64().unwrap()))
        .collect()
}

/// The outcome and the reasons of a decision, e.g. `CHALLENGE RISK_DETECTED`.
pub fn decision(login: &LoginView) -> String {
    let reasons = login.reasons.iter().map(|reason| reason.as_str());
    std::iter::once(login.outcome.as_str()).chain(reasons).collect::<Vec<_>>().join(" ")
}

pub fn code_of(output: &VerifyOutput) -> &'static str {
    match &output.refusal {
        None => "OK",
        Some(refusal) => match refusal.code {
            core_kernel::RefusalCode::WrongCode => "WRONG_CODE",
            core_kernel::RefusalCode::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            core_kernel::RefusalCode::AlreadyCompleted => "ALREADY_COMPLETED",
            core_kernel::RefusalCode::Expired => "EXPIRED",
            core_kernel::RefusalCode::UserLocked => "USER_LOCKED",
            core_kernel::RefusalCode::NotAllowedByPolicy => "NOT_ALLOWED_BY_POLICY",
            _ => "OTHER",
        },
    }
}

/// How often each answer was given, e.g. `{"OK": 1, "ALREADY_COMPLETED": 199}`.
pub fn tally(answers: impl IntoIterator<Item = &'static str>) -> std::collections::BTreeMap<&'static str, usize> {
    answers.into_iter().fold(std::collections::BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer).or_default() += 1;
        counts
    })
}
