//! In which span a code was queued: stored with the message where the trace is kept, for nobody else's, and not needed
//! by a server of the version before, which does not know of it.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use chrono::NaiveDate;
use core_crypto::KeyPurpose;
use core_kernel::{ChallengeId, LoginId, MessageId, SystemEntropy};
use core_policy::{MethodChannel, UserKind};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use support::Fixture;
use uuid::Uuid;

/// What is asked of the step, a column each.
struct Asked {
    logins: Vec<LoginId>,
    factors: Vec<Uuid>,
    challenges: Vec<ChallengeId>,
    messages: Vec<MessageId>,
}

impl Asked {
    /// So many people with a number each, who wait for a code of theirs.
    async fn people(f: &Fixture, many: usize) -> Self {
        let mut asked = Self { logins: vec![], factors: vec![], challenges: vec![], messages: vec![] };
        let now = f.bed.platform.now();
        for number in 0..many {
            let name = format!("person {number}");
            let user = f.bed.user(f.tenant, &name, UserKind::External).await;
            let factor = f.add_phone(user, "PHONE_PRIMARY", &format!("+1415555{:04}", 100 + number), "MOBILE").await;
            asked.logins.push(f.evaluate(&name).await.login_id);
            asked.factors.push(factor.0);
            asked.challenges.push(ChallengeId::new(&SystemEntropy, now));
            asked.messages.push(MessageId::new(&SystemEntropy, now));
        }
        asked
    }

    /// Starts all of their challenges; `traces`: what is said of the spans, if anything is.
    async fn start(&self, f: &Fixture, connection: &mut PgConnection, traces: Option<Vec<Option<Vec<u8>>>>) {
        let many = self.logins.len();
        let last = if traces.is_some() { ", $15" } else { "" };
        let sql = format!(
            "select outcome from hot_start_challenge_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14{last})"
        );
        let code_key = f.bed.platform.keys.ring().current(KeyPurpose::Code).id();
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(vec![f.tenant.0; many])
            .bind(self.logins.iter().map(|login| login.0).collect::<Vec<_>>())
            .bind(self.logins.iter().map(|login| login.month()).collect::<Vec<NaiveDate>>())
            .bind(&self.factors)
            .bind(vec![MethodChannel::Sms.as_str(); many])
            .bind(vec!["SMS|SMS"; many])
            .bind(self.challenges.iter().map(|challenge| challenge.0).collect::<Vec<_>>())
            .bind(self.messages.iter().map(|message| message.0).collect::<Vec<_>>())
            .bind(self.challenges.iter().map(|challenge| challenge.month()).collect::<Vec<NaiveDate>>())
            .bind(vec![code_key; many])
            .bind(vec![6_i16; many])
            .bind(vec![300_i32; many])
            .bind(vec![30_i32; many])
            .bind(vec![None::<Vec<u8>>; many]);
        if let Some(traces) = traces {
            query = query.bind(traces);
        }
        let rows = query.fetch_all(connection).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.get("outcome")).collect::<Vec<String>>(), vec!["OK"; many]);
    }

    /// What a worker is told: places, and what is stored there.
    async fn origins(&self, f: &Fixture, connection: &mut PgConnection) -> Vec<(i32, Vec<u8>)> {
        let rows: Vec<PgRow> = sqlx::query("select item, trace from message_traces_batch($1, $2, $3) order by item")
            .bind(vec![f.tenant.0; self.messages.len()])
            .bind(self.challenges.iter().map(|challenge| challenge.month()).collect::<Vec<NaiveDate>>())
            .bind(self.messages.iter().map(|message| message.0).collect::<Vec<_>>())
            .fetch_all(connection)
            .await
            .unwrap();
        rows.iter().map(|row| (row.get("item"), row.get("trace"))).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_a_batch_keeps_its_own_span_and_the_others_none() {
    let f = Fixture::new().await;
    let asked = Asked::people(&f, 5).await;
    let mut tx = f.tx().await;
    let spans = [Some(vec![1; 24]), None, Some(vec![3; 24]), None, Some(vec![5; 24])];
    asked.start(&f, tx.connection(), Some(spans.to_vec())).await;
    assert_eq!(asked.origins(&f, tx.connection()).await, [(1, vec![1; 24]), (3, vec![3; 24]), (5, vec![5; 24])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_alone_keeps_its_span() {
    let f = Fixture::new().await;
    let asked = Asked::people(&f, 1).await;
    let mut tx = f.tx().await;
    asked.start(&f, tx.connection(), Some(vec![Some(vec![7; 24])])).await;
    assert_eq!(asked.origins(&f, tx.connection()).await, [(1, vec![7; 24])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_of_spans_starts_challenges_as_before() {
    for many in [1, 4] {
        let f = Fixture::new().await;
        let asked = Asked::people(&f, many).await;
        let mut tx = f.tx().await;
        asked.start(&f, tx.connection(), None).await;
        assert!(asked.origins(&f, tx.connection()).await.is_empty(), "{many}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_nothing_is_stored() {
    let f = Fixture::new().await;
    let ann = f.phone_user("ann").await;
    f.challenged("ann").await;
    let stored: i64 = f.scalar("select count(trace) from message where tenant_id = $1 and user_id = $2", ann.0).await;
    assert_eq!(stored, 0);
}
