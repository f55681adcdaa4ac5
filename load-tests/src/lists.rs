//! What a console reads: lists, searches and counts, each from its first page on and from deep within,
//! of a firm with many logins and of one with few; and what the next login itself costs. A list whose cost grows with what lies before a page,
//! or with what else is in the table, shows here.

use std::sync::Arc;

use anyhow::ensure;
use chrono::TimeDelta;
use core_kernel::{Clock, Cursor, LoginId, SystemClock, SystemEntropy, Timestamp, TypedId};

use crate::drive::Scenario;
use crate::http::{Connection, find};
use crate::phases::{Shape, Stage};
use crate::seed::{Population, external_id};
use crate::simulate;
use crate::stats::Sample;

const GRAPHQL: &str = "/graphql";

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The newest logins.
    Logins,
    /// Logins from a quarter of the way on: of a million, page 10,000.
    LoginsDeep,
    /// The newest logins that were asked for a code, one in ten.
    LoginsAsked,
    /// The newest logins of one user.
    LoginsOfUser,
    /// How many logins there were on each of the last thirty days.
    LoginCounts,
    /// The newest users.
    Users,
    /// Users from three quarters of the way on.
    UsersDeep,
    /// Users by the beginning of an external identifier.
    Search,
    /// The newest messages.
    Messages,
    /// The newest entries of the audit log.
    Audit,
}

impl Reading {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Logins,
        Self::LoginsDeep,
        Self::LoginsAsked,
        Self::LoginsOfUser,
        Self::LoginCounts,
        Self::Users,
        Self::UsersDeep,
        Self::Search,
        Self::Messages,
        Self::Audit,
    ];

    /// What the table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logins => "logins, page 1",
            Self::LoginsDeep => "logins, a quarter of the way down",
            Self::LoginsAsked => "logins that were asked for a code",
            Self::LoginsOfUser => "logins of one user",
            Self::LoginCounts => "logins counted by day, 30 days",
            Self::Users => "users, page 1",
            Self::UsersDeep => "users, three quarters of the way down",
            Self::Search => "users by external identifier",
            Self::Messages => "messages, page 1",
            Self::Audit => "audit log, page 1",
        }
    }
}

/// Asks for one thing again and again, each time as somebody who asks for the first time.
#[derive(Debug)]
pub struct Read {
    population: Arc<Population>,
    reading: Reading,
    now: Timestamp,
}

impl Read {
    /// As of now.
    #[must_use]
    pub fn new(population: Arc<Population>, reading: Reading) -> Self {
        Self { population, reading, now: SystemClock.now() }
    }

    fn query(&self, n: usize) -> String {
        let logins = |arguments: &str| {
            format!(
                "{{tenant{{logins(first:25{arguments}){{edges{{node{{id outcome createdAt user{{externalId}}}}}}pageInfo{{endCursor}}}}}}}}"
            )
        };
        let users = |arguments: &str| {
            format!(
                "{{tenant{{users(first:25{arguments}){{edges{{node{{id externalId displayName enrollment}}}}pageInfo{{endCursor}}}}}}}}"
            )
        };
        // Not the same user or place twice in a row.
        let scattered = n.wrapping_mul(7_919) % self.population.users.len();
        match self.reading {
            Reading::Logins => logins(""),
            Reading::LoginsDeep => {
                let at = self.now - TimeDelta::days(7) - TimeDelta::hours(12)
                    + TimeDelta::seconds((scattered % 3_600) as i64);
                logins(&after(&LoginId::new(&SystemEntropy, at).to_text()))
            }
            Reading::LoginsAsked => logins(",filter:{outcome:[CHALLENGE]}"),
            Reading::LoginsOfUser => format!(
                r#"{{user(ref:{{externalId:"{}"}}){{logins(first:12){{edges{{node{{id outcome createdAt}}}}}}}}}}"#,
                external_id(scattered)
            ),
            Reading::LoginCounts => format!(
                r#"{{tenant{{loginCounts(from:"{}",to:"{}"){{day outcome completedWith logins completed}}}}}}"#,
                (self.now - TimeDelta::days(30)).to_rfc3339(),
                self.now.to_rfc3339()
            ),
            Reading::Users => users(""),
            Reading::UsersDeep => {
                let quarter = self.population.users.len() / 4;
                users(&after(&self.population.users[quarter + scattered % 100].id.to_text()))
            }
            Reading::Search => users(&format!(r#",search:"{}""#, external_id(scattered))),
            Reading::Messages => pages("messages(first:25)", "id status createdAt"),
            Reading::Audit => pages("auditLog(first:25)", "id action at"),
        }
    }
}

fn pages(list: &str, fields: &str) -> String {
    format!("{{tenant{{{list}{{edges{{node{{{fields}}}}}pageInfo{{endCursor}}}}}}}}")
}

/// One message and one entry of the log for every tenth login, as of this month.
async fn beside_logins(stage: &Stage, logins: usize) -> anyhow::Result<()> {
    const STATEMENTS: [&str; 2] = [
        "insert into message (tenant_id, month, message_id, channel, purpose, priority, country, template, created_at,
                              claimable_at, status, attempts)
         select $1, date_trunc('month', now()), uuid_v7(), 'SMS', 'CODE', 0, 'US', 'code', now(), now(), 'DELIVERED', 1
           from generate_series(1, $2)",
        "insert into audit_entry (tenant_id, month, entry_id, at, actor, action)
         select $1, date_trunc('month', now()), uuid_v7(), now(), 'system', 'user.locked' from generate_series(1, $2)",
    ];
    let mut superuser = stage.database.superuser().await?;
    for statement in STATEMENTS {
        let query = sqlx::query(statement).bind(stage.population.tenants[0].id.0).bind(i32::try_from(logins / 10)?);
        query.execute(&mut superuser).await?;
    }
    Ok(())
}

fn after(key: &str) -> String {
    format!(r#",after:"{}""#, Cursor::encode(key).0)
}

impl Scenario for Read {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let json = serde_json::json!({ "query": self.query(n) }).to_string();
        let body = connection.post(GRAPHQL, &self.population.tenants[0].api_key, json.as_bytes()).await?;
        let wanted: &[u8] = match self.reading {
            Reading::LoginCounts => br#""completed":"#,
            _ => br#""node":{"id":"#,
        };
        ensure!(
            find(body, wanted).is_some() && find(body, br#""errors""#).is_none(),
            "not the right answer: {}",
            String::from_utf8_lossy(body)
        );
        Ok(true)
    }
}

impl Stage {
    /// Writes logins of the past and lets PostgreSQL settle.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn with_logins(self, logins: usize) -> anyhow::Result<Self> {
        // From what each was decided is most of a row, and no list reads it: more logins fit on the disk without.
        simulate::history_with(&self.database, &self.population, logins, "{}").await?;
        beside_logins(&self, logins).await?;
        self.database.settle().await?;
        Ok(self)
    }

    /// One reader, who asks again as soon as it has its answer.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn read(&self, reading: Reading) -> anyhow::Result<Sample> {
        let found = self.measure(Shape::closed(1), Arc::new(Read::new(self.population.clone(), reading))).await?;
        Ok(found.sample)
    }
}
