//! The parts of a round.

use core_policy::SecurityLevel;

use super::rounds::Rounds;
use super::{Bench, MANY};
use crate::drive::Pace;
use crate::phases::{Found, Shape};
use crate::server::Combining;
use crate::{messages, micro, pgbench, simulate};

/// Of the highest rate, what an open loop asks for.
const OPEN_SHARE: f64 = 0.7;

impl Bench {
    pub(super) async fn simulation(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let found = simulate::measure(&self.past.database, &self.past.population).await?;
        (self.say)(&format!("  logins rehearsed {:>31.0}/s", found.rate));
        self.tell("logins at 200/s, alone", &found.alone);
        self.tell("the same beside a simulation", &found.beside);
        rounds.add("rehearsed", found.rate);
        rounds.add("alone.p99", found.alone.percentile(0.99));
        rounds.add("beside.p99", found.beside.percentile(0.99));
        Ok(())
    }

    pub(super) async fn messages(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let found = messages::measure(&self.large).await?;
        (self.say)(&format!("  messages carried {:>31.0}/s, the client alone {:.0}/s", found.rate, found.alone));
        self.tell("from the row to the provider, at 200/s", &found.waits);
        rounds.add("carried", found.rate);
        rounds.add("client", found.alone);
        rounds.add("carried.resident", found.resident as f64 / 1e6);
        rounds.add("carried.growth", found.growth);
        rounds.add("wait.p50", found.waits.percentile(0.5));
        rounds.add("wait.p99", found.waits.percentile(0.99));
        Ok(())
    }

    /// Beside an empty field of its own: the limits may not be part of this run.
    pub(super) async fn scim(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let empty = self.large.empty_field(Shape::closed(MANY)).await?;
        let create = self.large.scim_create(Shape::closed(MANY)).await?;
        let patch = self.large.scim_patch(Shape::closed(MANY)).await?;
        for (name, found) in [("empty field", &empty), ("SCIM create", &create), ("SCIM patch", &patch)] {
            self.tell(name, &found.sample);
        }
        rounds.add("scim.empty", empty.sample.rate());
        rounds.sample(["scim.create", "scim.create.p50", "scim.create.p99"], &create.sample);
        rounds.sample(["scim.patch", "scim.patch.p50", "scim.patch.p99"], &patch.sample);
        Ok(())
    }

    pub(super) fn micro(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let micro = micro::measure(&self.large.programs.folder)?;
        (self.say)(&format!("  decide {:.2} µs, locate {:.2} µs", micro.decide, micro.locate));
        rounds.add("decide", micro.decide);
        rounds.add("locate", micro.locate);
        Ok(())
    }

    pub(super) async fn limits(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let json = self.large.plain_json(Shape::closed(MANY)).await?;
        self.tell("plain JSON", &json.sample);
        rounds.add("json", json.sample.rate());
        let empty = self.large.empty_field(Shape::closed(MANY)).await?;
        self.tell("empty field", &empty.sample);
        rounds.sample(["empty", "empty.p50", "empty.p99"], &empty.sample);
        rounds.add("first_answer", empty.first_answer.as_secs_f64());
        if pgbench::program().is_some() {
            let pgbench = self.large.pgbench(MANY, self.cases(3_000.0)).await?;
            self.tell("pgbench, 64 clients", &pgbench);
            rounds.add("pgbench", pgbench.rate());
        }
        Ok(())
    }

    pub(super) async fn verify(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let on = self.large.verify(Shape::closed(MANY), 15_000.0).await?;
        self.tell("verifyChallenge", &on.sample);
        rounds.sample(["verify", "verify.p50", "verify.p99"], &on.sample);
        count(rounds, &on);
        let off = Shape { combining: Combining::Off(MANY), ..Shape::closed(MANY) };
        let off = self.large.verify(off, 6_000.0).await?;
        self.tell("verifyChallenge, combining off", &off.sample);
        rounds.add("off", off.sample.rate());
        let open = Shape { pace: Pace::Open(OPEN_SHARE * on.sample.rate()), ..Shape::closed(MANY) };
        let open = self.large.verify(open, 15_000.0).await?;
        self.tell("verifyChallenge, open loop at 70 %", &open.sample);
        rounds.sample(["open", "open.p50", "open.p99"], &open.sample);
        let small = self.small.verify(Shape::closed(MANY), 15_000.0).await?;
        self.tell("verifyChallenge, 1 tenant, 1,000 users", &small.sample);
        rounds.add("small", small.sample.rate());
        let small = self.small.empty_field(Shape::closed(MANY)).await?;
        self.tell("empty field, 1 tenant", &small.sample);
        rounds.add("small.empty", small.sample.rate());
        Ok(())
    }

    pub(super) async fn alone(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let on = self.large.verify(Shape::closed(1), 2_500.0).await?;
        self.tell("verifyChallenge, 1 connection", &on.sample);
        rounds.add("one.p50", on.sample.percentile(0.5));
        let off = Shape { combining: Combining::Off(1), ..Shape::closed(1) };
        let off = self.large.verify(off, 2_500.0).await?;
        self.tell("the same, combining off", &off.sample);
        rounds.add("one.off.p50", off.sample.percentile(0.5));
        if pgbench::program().is_some() {
            let pgbench = self.large.pgbench(1, self.cases(800.0)).await?;
            self.tell("pgbench, 1 client", &pgbench);
            rounds.add("one.pgbench.p50", pgbench.percentile(0.5));
        }
        Ok(())
    }

    pub(super) async fn login_path(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let evaluate = self.large.evaluate(Shape::closed(MANY), SecurityLevel::High).await?;
        self.tell("evaluateLogin at HIGH", &evaluate.sample);
        rounds.sample(["evaluate", "evaluate.p50", "evaluate.p99"], &evaluate.sample);
        let standard = self.large.evaluate(Shape::closed(MANY), SecurityLevel::Standard).await?;
        self.tell("evaluateLogin at STANDARD", &standard.sample);
        rounds.sample(["standard", "standard.p50", "standard.p99"], &standard.sample);
        rounds.add("resident", evaluate.resident as f64 / 1e6);
        let with_worker = Shape { worker: true, ..Shape::closed(MANY) };
        let start = self.large.start(with_worker, 10_000.0).await?;
        self.tell("startChallenge, messages sent meanwhile", &start.sample);
        rounds.sample(["start", "start.p50", "start.p99"], &start.sample);
        let whole = self.large.whole_login(with_worker).await?;
        self.tell("whole login, messages sent meanwhile", &whole.sample);
        rounds.sample(["whole", "whole.p50", "whole.p99"], &whole.sample);
        rounds.add("resident", whole.resident as f64 / 1e6);
        Ok(())
    }

    pub(super) async fn security(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        for (name, security) in [("rls.on", true), ("rls.off", false)] {
            let rate = self.large.service(security, self.cases(8_000.0)).await?;
            (self.say)(&format!("  {name:<40} {rate:>8.0}/s  (the service without HTTP)"));
            rounds.add(name, rate);
        }
        Ok(())
    }
}

fn count(rounds: &mut Rounds, found: &Found) {
    let counters = &found.counters;
    // All that were verified, the warm-up included: what the counters counted.
    let verified = found.verified() as f64;
    rounds.add("syncs", counters.wal_syncs as f64 / verified);
    rounds.add("wal", counters.wal_bytes as f64 / verified);
    rounds.add("trips", counters.calls_of("hot_verify_batch") as f64 / verified);
    rounds.add("syncs_per_batch", counters.wal_syncs as f64 / counters.calls_of("hot_verify_batch") as f64);
    rounds.add("resident", found.resident as f64 / 1e6);
}
