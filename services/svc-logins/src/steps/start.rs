//! `startChallenge`: one round trip.

use chrono::NaiveDate;
use core_kernel::{ChallengeId, LoginId, MessageId, TenantId, Timestamp};
use core_policy::MethodChannel;
use io_postgres::DbError;
use io_traces::Parent;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::combiner::Step;

/// A challenge to be begun or its code to be sent again.
#[derive(Debug, Clone)]
pub(crate) struct StartItem {
    pub(crate) tenant: TenantId,
    pub(crate) login: LoginId,
    /// The factor, or the temporary access code.
    pub(crate) factor: Uuid,
    pub(crate) method: MethodChannel,
    /// The channels that the policy allows now: those of INTERNAL users, a bar, those of EXTERNAL ones.
    pub(crate) allowed: String,
    pub(crate) challenge: ChallengeId,
    pub(crate) message: MessageId,
    pub(crate) code_key: i16,
    pub(crate) digits: i16,
    pub(crate) ttl_seconds: i32,
    pub(crate) resend_after_seconds: i32,
    /// What a passkey's authenticator is asked, sealed.
    pub(crate) state: Option<Vec<u8>>,
    /// The span that a message which is queued shall be shown in.
    pub(crate) origin: Option<Parent>,
}

/// What became of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Started {
    item: i32,
    pub(crate) outcome: String,
    pub(crate) challenge_id: Option<Uuid>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) resend_at: Option<Timestamp>,
    pub(crate) attempts_remaining: Option<i32>,
    pub(crate) factor_id: Option<Uuid>,
    pub(crate) factor_secret: Option<Vec<u8>>,
    pub(crate) message_id: Option<Uuid>,
}

pub(crate) struct Start;

impl Step for Start {
    const NAME: &str = "start";
    const FUNCTION: &str = "hot_start_challenge_batch";

    type Item = StartItem;
    type Answer = Started;
    type Order = (Uuid, Uuid);

    fn order(item: &StartItem) -> (Uuid, Uuid) {
        (item.tenant.0, item.login.0)
    }

    async fn run(connection: &mut PgConnection, items: &[StartItem]) -> Result<Vec<Started>, DbError> {
        let each = |map: &dyn Fn(&StartItem) -> Uuid| items.iter().map(map).collect::<Vec<_>>();
        let months = |map: &dyn Fn(&StartItem) -> NaiveDate| items.iter().map(map).collect::<Vec<_>>();
        let small = |map: &dyn Fn(&StartItem) -> i16| items.iter().map(map).collect::<Vec<_>>();
        let number = |map: &dyn Fn(&StartItem) -> i32| items.iter().map(map).collect::<Vec<_>>();
        let mut rows: Vec<Started> = sqlx::query_as(
            "select * from hot_start_challenge_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(each(&|item| item.tenant.0))
        .bind(each(&|item| item.login.0))
        .bind(months(&|item| item.login.month()))
        .bind(each(&|item| item.factor))
        .bind(items.iter().map(|item| item.method.as_str()).collect::<Vec<&str>>())
        .bind(items.iter().map(|item| item.allowed.clone()).collect::<Vec<String>>())
        .bind(each(&|item| item.challenge.0))
        .bind(each(&|item| item.message.0))
        .bind(months(&|item| item.challenge.month()))
        .bind(small(&|item| item.code_key))
        .bind(small(&|item| item.digits))
        .bind(number(&|item| item.ttl_seconds))
        .bind(number(&|item| item.resend_after_seconds))
        .bind(items.iter().map(|item| item.state.as_deref()).collect::<Vec<Option<&[u8]>>>())
        .bind(origins(items))
        .fetch_all(connection)
        .await?;
        rows.sort_by_key(|row| row.item);
        Ok(rows)
    }
}

/// Nothing where no trace is kept, as of nearly all.
fn origins(items: &[StartItem]) -> Option<Vec<Option<Vec<u8>>>> {
    let stored = |item: &StartItem| item.origin.map(|origin| origin.to_bytes().to_vec());
    items.iter().any(|item| item.origin.is_some()).then(|| items.iter().map(stored).collect())
}
