//! `evaluateLogin`, second round trip: the decision is durable before it is given.

use chrono::NaiveDate;
use core_kernel::{ApiKeyId, LoginId, TenantId, Timestamp, UserId};
use core_policy::{Decision, DecisionReason, FirstFactor, LoginOutcome, LoginPurpose};
use io_postgres::DbError;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::combiner::Step;

/// A decision to be written.
#[derive(Debug, Clone)]
pub(crate) struct RecordItem {
    pub(crate) tenant: TenantId,
    pub(crate) login: LoginId,
    pub(crate) user: UserId,
    pub(crate) purpose: LoginPurpose,
    pub(crate) first_factor: FirstFactor,
    pub(crate) decision: Decision,
    pub(crate) policy_version: i32,
    pub(crate) ip: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) enrolling: bool,
    pub(crate) max_attempts: i16,
    pub(crate) created_at: Timestamp,
    pub(crate) lifetime_seconds: i32,
    pub(crate) idempotency: Option<Idempotency>,
    /// The user had never begun a login before, as far as was known when the user was read.
    pub(crate) first: bool,
    pub(crate) risk_score: i16,
    pub(crate) risk_signals: serde_json::Value,
    /// Where it comes from, and what completing it adds to the user's history.
    pub(crate) origin: LoginOrigin,
    /// All that the decision was made from, as JSON.
    pub(crate) given: String,
    /// The trusted device that it comes from.
    pub(crate) device: Option<Uuid>,
    /// Whether somebody wants to hear of the tenant's logins.
    pub(crate) webhook_logins: bool,
}

/// Where a login comes from, and what completing it adds to the user's history.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoginOrigin {
    pub(crate) country: Option<String>,
    pub(crate) city: Option<String>,
    /// Degrees north and east, and how exact that is, in km.
    pub(crate) position: Option<(f32, f32, f32)>,
    /// The hour of the tenant's day.
    pub(crate) hour: i16,
    /// Packed elements (`core_risk::Seen`).
    pub(crate) seen: Vec<i64>,
}

impl RecordItem {
    /// Over with the decision, in or out, and of interest to somebody.
    fn is_told(&self) -> bool {
        self.webhook_logins && matches!(self.decision.outcome, LoginOutcome::Allow | LoginOutcome::Deny)
    }

    /// Allowed because nothing was unusual: complete, and as good as proved. A password alone, which any
    /// other reason to allow comes down to, must not train the engine.
    fn is_observed(&self) -> bool {
        let usual = [DecisionReason::LowRisk, DecisionReason::TrustedDevice];
        self.decision.outcome == LoginOutcome::Allow
            && self.decision.reasons.iter().any(|reason| usual.contains(reason))
    }
}

/// What binds a retry to its first call.
#[derive(Debug, Clone)]
pub(crate) struct Idempotency {
    pub(crate) api_key: ApiKeyId,
    pub(crate) key: String,
    pub(crate) digest: Vec<u8>,
}

pub(crate) struct Record;

impl Step for Record {
    const NAME: &str = "record";
    const FUNCTION: &str = "hot_record_login_batch";

    type Item = RecordItem;
    /// False where another call with the same idempotency key was faster.
    type Answer = bool;
    type Order = (Uuid, Uuid);

    fn order(item: &RecordItem) -> (Uuid, Uuid) {
        (item.tenant.0, item.user.0)
    }

    async fn run(connection: &mut PgConnection, items: &[RecordItem]) -> Result<Vec<bool>, DbError> {
        let each = |map: &dyn Fn(&RecordItem) -> Uuid| items.iter().map(map).collect::<Vec<_>>();
        let text = |map: &dyn Fn(&RecordItem) -> &'static str| items.iter().map(map).collect::<Vec<_>>();
        let position = |part: fn((f32, f32, f32)) -> f32| {
            items.iter().map(|item| item.origin.position.map(part)).collect::<Vec<Option<f32>>>()
        };
        let idempotent = || items.iter().map(|item| item.idempotency.as_ref());
        let mut rows: Vec<(i32, bool)> = sqlx::query_as(
            "select item, recorded from hot_record_login_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)",
        )
        .bind(each(&|item| item.tenant.0))
        .bind(each(&|item| item.login.0))
        .bind(items.iter().map(|item| item.login.month()).collect::<Vec<NaiveDate>>())
        .bind(each(&|item| item.user.0))
        .bind(text(&|item| item.purpose.as_str()))
        .bind(text(&|item| item.first_factor.as_str()))
        .bind(text(&|item| item.decision.outcome.as_str()))
        .bind(items.iter().map(reasons).collect::<Vec<String>>())
        .bind(text(&|item| item.decision.level.as_str()))
        .bind(items.iter().map(|item| item.policy_version).collect::<Vec<i32>>())
        .bind(items.iter().map(|item| item.risk_score).collect::<Vec<i16>>())
        .bind(items.iter().map(|item| Json(&item.risk_signals)).collect::<Vec<_>>())
        .bind(items.iter().map(|item| item.ip.clone()).collect::<Vec<String>>())
        .bind(items.iter().map(|item| item.user_agent.clone()).collect::<Vec<Option<String>>>())
        .bind(items.iter().map(|item| item.enrolling).collect::<Vec<bool>>())
        .bind(items.iter().map(|item| item.max_attempts).collect::<Vec<i16>>())
        .bind(items.iter().map(|item| item.created_at).collect::<Vec<Timestamp>>())
        .bind(items.iter().map(|item| item.lifetime_seconds).collect::<Vec<i32>>())
        .bind(idempotent().map(|entry| entry.map(|entry| entry.api_key.0)).collect::<Vec<Option<Uuid>>>())
        .bind(idempotent().map(|entry| entry.map(|entry| entry.key.clone())).collect::<Vec<Option<String>>>())
        .bind(idempotent().map(|entry| entry.map(|entry| entry.digest.clone())).collect::<Vec<Option<Vec<u8>>>>())
        .bind(items.iter().map(|item| item.first).collect::<Vec<bool>>())
        .bind(items.iter().map(|item| item.origin.country.clone()).collect::<Vec<Option<String>>>())
        .bind(items.iter().map(|item| item.origin.city.clone()).collect::<Vec<Option<String>>>())
        .bind(position(|(latitude, _, _)| latitude))
        .bind(position(|(_, longitude, _)| longitude))
        .bind(position(|(_, _, accuracy)| accuracy))
        .bind(items.iter().map(|item| item.origin.hour).collect::<Vec<i16>>())
        .bind(items.iter().map(|item| joined(&item.origin.seen)).collect::<Vec<String>>())
        .bind(items.iter().map(|item| item.given.as_str()).collect::<Vec<_>>())
        .bind(items.iter().map(RecordItem::is_observed).collect::<Vec<bool>>())
        .bind(items.iter().map(|item| item.device).collect::<Vec<Option<Uuid>>>())
        .bind(items.iter().map(RecordItem::is_told).collect::<Vec<bool>>())
        .fetch_all(connection)
        .await?;
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, recorded)| recorded).collect())
    }
}

fn reasons(item: &RecordItem) -> String {
    let names: Vec<&str> = item.decision.reasons.iter().map(|reason| reason.as_str()).collect();
    names.join(",")
}

fn joined(elements: &[i64]) -> String {
    elements.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
