//! `verifyChallenge`: one round trip for codes that were sent, two for what needs a secret.

use chrono::NaiveDate;
use core_crypto::MatchingKeys;
use core_kernel::{ChallengeId, DeviceId, TenantId, Timestamp};
use data_encoding::HEXLOWER;
use io_postgres::DbError;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::combiner::Step;

/// A code to be checked.
#[derive(Debug, Clone)]
pub(crate) struct VerifyItem {
    pub(crate) tenant: TenantId,
    pub(crate) challenge: ChallengeId,
    /// Under which keys the given code would be right, and how long it is.
    pub(crate) matching: MatchingKeys,
    pub(crate) backup_slot: Option<i16>,
    /// What checking the factor's secret found; none in the first round trip.
    pub(crate) checked: Option<Checked>,
    /// The device that is to be trusted when the code is right.
    pub(crate) device: Option<NewDevice>,
}

/// A device that is to be trusted; for how long, the policy says by the user's audience.
#[derive(Debug, Clone)]
pub(crate) struct NewDevice {
    pub(crate) id: DeviceId,
    pub(crate) digest: Vec<u8>,
    pub(crate) internal_seconds: i32,
    pub(crate) external_seconds: i32,
}

/// What checking the factor's secret found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    pub(crate) totp_step: Option<i64>,
    /// Which passkey answered, if it is one of those that were asked.
    pub(crate) passkey: Option<Uuid>,
    /// Its counter, where the answer is right.
    pub(crate) sign_count: Option<i64>,
    /// With what its answer was compared, sealed.
    pub(crate) state: Option<Vec<u8>>,
    pub(crate) backup_right: bool,
    pub(crate) temporary_digests: Vec<[u8; 32]>,
}

/// What became of it, with all that the answer and the assertion need.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Verified {
    item: i32,
    pub(crate) outcome: String,
    pub(crate) kind: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) challenge_expires_at: Option<Timestamp>,
    pub(crate) attempts_remaining: Option<i32>,
    pub(crate) factor_id: Option<Uuid>,
    pub(crate) factor_secret: Option<Vec<u8>>,
    pub(crate) backup_hash: Option<String>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) external_id: Option<String>,
    pub(crate) login_id: Option<Uuid>,
    pub(crate) purpose: Option<String>,
    pub(crate) first_factor: Option<String>,
    pub(crate) login_outcome: Option<String>,
    pub(crate) reasons: Option<Vec<String>>,
    pub(crate) level: Option<String>,
    pub(crate) policy_version: Option<i32>,
    pub(crate) risk_score: Option<i32>,
    pub(crate) risk_signals: Option<Value>,
    pub(crate) ip_address: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) latitude: Option<f32>,
    pub(crate) longitude: Option<f32>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) completed_wall: Option<Timestamp>,
    pub(crate) completed_with: Option<String>,
    pub(crate) may_change_factors: Option<bool>,
    pub(crate) completed_by: Option<Uuid>,
    pub(crate) user_kind: Option<String>,
    pub(crate) advisor_id: Option<Uuid>,
    pub(crate) device_trusted: Option<bool>,
}

pub(crate) struct Verify;

impl Step for Verify {
    const NAME: &str = "verify";
    const FUNCTION: &str = "hot_verify_batch";

    type Item = VerifyItem;
    type Answer = Verified;
    type Order = (Uuid, Uuid);

    fn order(item: &VerifyItem) -> (Uuid, Uuid) {
        (item.tenant.0, item.challenge.0)
    }

    async fn run(connection: &mut PgConnection, items: &[VerifyItem]) -> Result<Vec<Verified>, DbError> {
        let each = |map: &dyn Fn(&VerifyItem) -> Uuid| items.iter().map(map).collect::<Vec<_>>();
        let devices = || items.iter().map(|item| item.device.as_ref());
        let mut rows: Vec<Verified> = sqlx::query_as(
            "select * from hot_verify_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        )
        .bind(each(&|item| item.tenant.0))
        .bind(each(&|item| item.challenge.0))
        .bind(items.iter().map(|item| item.challenge.month()).collect::<Vec<NaiveDate>>())
        .bind(items.iter().map(key_list).collect::<Vec<String>>())
        .bind(items.iter().map(|item| item.matching.digits).collect::<Vec<i16>>())
        .bind(items.iter().map(|item| item.backup_slot).collect::<Vec<Option<i16>>>())
        .bind(items.iter().map(|item| item.checked.is_some()).collect::<Vec<bool>>())
        .bind(
            items
                .iter()
                .map(|item| checked(item).and_then(|c| c.totp_step.or(c.sign_count)))
                .collect::<Vec<Option<i64>>>(),
        )
        .bind(items.iter().map(|item| item.checked.as_ref().is_some_and(|c| c.backup_right)).collect::<Vec<bool>>())
        .bind(items.iter().map(digest_list).collect::<Vec<String>>())
        .bind(devices().map(|device| device.map(|device| device.id.0)).collect::<Vec<Option<Uuid>>>())
        .bind(devices().map(|device| device.map(|device| device.digest.clone())).collect::<Vec<_>>())
        .bind(devices().map(|device| device.map(|device| device.internal_seconds)).collect::<Vec<Option<i32>>>())
        .bind(devices().map(|device| device.map(|device| device.external_seconds)).collect::<Vec<Option<i32>>>())
        .bind(items.iter().map(|item| checked(item).and_then(|c| c.passkey)).collect::<Vec<Option<Uuid>>>())
        .bind(items.iter().map(|item| checked(item).and_then(|c| c.state.as_deref())).collect::<Vec<Option<&[u8]>>>())
        .fetch_all(connection)
        .await?;
        rows.sort_by_key(|row| row.item);
        Ok(rows)
    }
}

fn checked(item: &VerifyItem) -> Option<&Checked> {
    item.checked.as_ref()
}

fn key_list(item: &VerifyItem) -> String {
    let ids: Vec<String> = item.matching.key_ids.iter().map(ToString::to_string).collect();
    ids.join(",")
}

fn digest_list(item: &VerifyItem) -> String {
    let digests = item.checked.iter().flat_map(|checked| &checked.temporary_digests);
    digests.map(|digest| HEXLOWER.encode(digest)).collect::<Vec<_>>().join(",")
}
