//! What one verification and one whole login cost: time of a processor in the gateway, in PostgreSQL and in
//! the worker, bytes that stay, bytes of log. docs/capacity.md derives machines from it.

use anyhow::ensure;
use core_policy::SecurityLevel;
use serde_json::{Value, json};

use crate::drive::Pace;
use crate::phases::{Found, Shape, Stage};
use crate::stats::median;

/// The load's connections.
const MANY: usize = 64;
/// Of the highest rate, what an installation with room to spare is asked for: fewer calls are combined then,
/// and each costs more.
const EASY: f64 = 0.3;

/// Costs of one call, in microseconds of a processor.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    rate: f64,
    gateway: f64,
    database: f64,
    worker: f64,
    wal: f64,
}

impl Cost {
    fn of(found: &Found) -> Self {
        let calls = found.sample.count.max(1) as f64;
        let micros = |used: std::time::Duration| used.as_secs_f64() * 1e6 / calls;
        Self {
            rate: found.sample.rate(),
            gateway: micros(found.used.gateway),
            database: micros(found.used.database),
            worker: micros(found.used.worker),
            wal: found.counters.wal_bytes as f64 / found.verified().max(1) as f64,
        }
    }

    /// The medians of several.
    #[must_use]
    pub fn median(costs: &[Self]) -> Self {
        let of = |value: fn(&Self) -> f64| median(&costs.iter().map(value).collect::<Vec<_>>());
        Self {
            rate: of(|cost| cost.rate),
            gateway: of(|cost| cost.gateway),
            database: of(|cost| cost.database),
            worker: of(|cost| cost.worker),
            wal: of(|cost| cost.wal),
        }
    }

    /// For a file of results.
    #[must_use]
    pub fn json(&self) -> Value {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        json!({
            "per_second": rounded(self.rate), "gateway_us": rounded(self.gateway),
            "database_us": rounded(self.database), "worker_us": rounded(self.worker), "log_bytes": self.wal.round(),
        })
    }
}

/// Everything of one round.
#[derive(Debug, Clone, Copy)]
pub struct Costs {
    /// verifyChallenge, as many as there can be.
    pub verify: Cost,
    /// verifyChallenge, at an easy rate.
    pub verify_easily: Cost,
    /// evaluateLogin, as many as there can be.
    pub evaluate: Cost,
    /// Three calls and a text, as many as there can be.
    pub login: Cost,
    /// Three calls and a text, at an easy rate.
    pub login_easily: Cost,
    /// What a login leaves in tables and indexes, in bytes.
    pub kept_bytes: f64,
}

impl Stage {
    /// Measures one round.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn costs(&self) -> anyhow::Result<Costs> {
        let verify = Cost::of(&self.verify(Shape::closed(MANY), 15_000.0).await?);
        let easily = |cost: &Cost| Shape { pace: Pace::Open(EASY * cost.rate), ..Shape::closed(MANY) };
        let verify_easily = Cost::of(&self.verify(easily(&verify), 15_000.0).await?);
        let evaluate = Cost::of(&self.evaluate(Shape::closed(MANY), SecurityLevel::High).await?);
        let before = self.kept().await?;
        let with_worker = Shape { worker: true, ..Shape::closed(MANY) };
        let found = self.whole_login(with_worker).await?;
        let (login, after) = (Cost::of(&found), self.kept().await?);
        let shape = Shape { worker: true, ..easily(&login) };
        let login_easily = Cost::of(&self.whole_login(shape).await?);
        ensure!(found.verified() > 0, "nobody logged in");
        let kept_bytes = (after - before) as f64 / found.verified() as f64;
        Ok(Costs { verify, verify_easily, evaluate, login, login_easily, kept_bytes })
    }

    /// Bytes of all tables that a login writes to, with their indexes.
    async fn kept(&self) -> anyhow::Result<i64> {
        let bytes = sqlx::query_scalar(
            "select sum(pg_total_relation_size(c.oid))::bigint from pg_class c
              where c.relkind = 'r' and c.relname ~ '^(login|challenge|message|login_count|usage_ledger|outbox_event)_'",
        );
        Ok(bytes.fetch_one(&mut self.database.superuser().await?).await?)
    }
}

/// The file that docs/capacity.md is made from.
#[must_use]
pub fn results(machine: &str, users: u32, rounds: &[Costs]) -> Value {
    let of = |cost: fn(&Costs) -> Cost| Cost::median(&rounds.iter().map(cost).collect::<Vec<_>>()).json();
    json!({
        "machine": machine, "users": users, "rounds": rounds.len(),
        "verify": of(|costs| costs.verify), "verify_at_30_percent": of(|costs| costs.verify_easily),
        "evaluate": of(|costs| costs.evaluate),
        "login": of(|costs| costs.login), "login_at_30_percent": of(|costs| costs.login_easily),
        "kept_bytes_per_login": median(&rounds.iter().map(|costs| costs.kept_bytes).collect::<Vec<_>>()).round(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phases::Used;
    use crate::stats::Sample;
    use std::time::Duration;

    fn found(database_ms: u64) -> Found {
        let sample = Sample::new(Duration::from_secs(2), vec![Duration::from_millis(1); 1_000]);
        let (gateway, worker) = (Duration::from_millis(100), Duration::ZERO);
        Found {
            sample,
            used: Used { gateway, database: Duration::from_millis(database_ms), worker },
            ..Found::default()
        }
    }

    #[test]
    fn a_cost_is_of_one_call() {
        let cost = Cost::of(&found(60)).json();
        assert_eq!(cost["gateway_us"], 100.0);
        assert_eq!(cost["database_us"], 60.0);
        assert_eq!(cost["per_second"], 500.0);
    }

    #[test]
    fn the_middle_round_counts() {
        let costs = [60, 500, 80].map(|ms| {
            let cost = Cost::of(&found(ms));
            Costs {
                verify: cost,
                verify_easily: cost,
                evaluate: cost,
                login: cost,
                login_easily: cost,
                kept_bytes: ms as f64,
            }
        });
        let json = results("m", 7, &costs);
        assert!(json["verify"]["database_us"] == 80.0 && json["kept_bytes_per_login"] == 80.0 && json["rounds"] == 3);
    }
}
