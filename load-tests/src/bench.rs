//! The whole run: rounds of all measurements, interleaved, and the table of their medians.

use std::collections::BTreeMap;

use clap::ValueEnum as _;
use core_policy::SecurityLevel;

use crate::drive::Pace;
use crate::figures::{Figures, Gate};
use crate::messages;
use crate::micro;
use crate::pgbench;
use crate::phases::{Found, Shape, Stage};
use crate::server::Combining;
use crate::simulate;
use crate::stats::{Sample, median};

/// The load's connections.
const MANY: usize = 64;
/// Of the highest rate, what an open loop asks for.
const OPEN_SHARE: f64 = 0.7;

/// Values by name, one for each round.
#[derive(Debug, Default)]
pub struct Rounds(BTreeMap<&'static str, Vec<f64>>);

impl Rounds {
    fn add(&mut self, name: &'static str, value: f64) {
        self.0.entry(name).or_default().push(value);
    }

    fn sample(&mut self, [rate, p50, p99]: [&'static str; 3], sample: &Sample) {
        self.add(rate, sample.rate());
        self.add(p50, sample.percentile(0.5));
        self.add(p99, sample.percentile(0.99));
    }

    fn get(&self, name: &str) -> f64 {
        self.0.get(name).map_or(f64::NAN, |values| median(values))
    }

    /// The median of the quotients of each round, so that what slows a whole round cancels out.
    fn ratio(&self, above: &str, below: &str) -> f64 {
        let empty = Vec::new();
        let (above, below) = (self.0.get(above).unwrap_or(&empty), self.0.get(below).unwrap_or(&empty));
        median(&above.iter().zip(below).map(|(a, b)| a / b).collect::<Vec<_>>())
    }
}

/// What is measured.
#[derive(Debug)]
pub struct Bench {
    /// The platform of many tenants.
    pub large: Stage,
    /// One tenant.
    pub small: Stage,
    /// One tenant with logins of the past.
    pub past: Stage,
    /// How often each measurement is repeated.
    pub rounds: usize,
    /// Which parts are measured; empty: all.
    pub only: Vec<Part>,
    /// Told of each measurement as it is done.
    pub say: fn(&str),
}

/// A part of the run, for whoever tunes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The plain JSON route, the empty field, pgbench.
    Limits,
    /// verifyChallenge on many connections.
    Verify,
    /// verifyChallenge on one connection.
    Alone,
    /// evaluateLogin, startChallenge, and whole logins.
    LoginPath,
    /// What a worker carries to a provider.
    Messages,
    /// What row-level security costs.
    Security,
    /// The pure parts.
    Micro,
    /// Rehearsing a policy on the logins of the past.
    Simulation,
    /// A directory that provisions users.
    Scim,
}

impl Bench {
    /// Runs everything.
    ///
    /// # Errors
    /// When a program fails or gives a wrong answer.
    pub async fn run(&self) -> anyhow::Result<Figures> {
        let mut rounds = Rounds::default();
        for round in 1..=self.rounds {
            (self.say)(&format!("round {round} of {}", self.rounds));
            for part in Part::value_variants().iter().filter(|part| self.only.is_empty() || self.only.contains(part)) {
                self.part(*part, &mut rounds).await?;
            }
        }
        Ok(table(&rounds))
    }

    async fn part(&self, part: Part, rounds: &mut Rounds) -> anyhow::Result<()> {
        match part {
            Part::Limits => self.limits(rounds).await,
            Part::Verify => self.verify(rounds).await,
            Part::Alone => self.alone(rounds).await,
            Part::LoginPath => self.login_path(rounds).await,
            Part::Messages => self.messages(rounds).await,
            Part::Security => self.security(rounds).await,
            Part::Micro => self.micro(rounds),
            Part::Simulation => self.simulation(rounds).await,
            Part::Scim => self.scim(rounds).await,
        }
    }

    async fn simulation(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let found = simulate::measure(&self.past.database, &self.past.population).await?;
        (self.say)(&format!("  logins rehearsed {:>31.0}/s", found.rate));
        self.tell("logins at 200/s, alone", &found.alone);
        self.tell("the same beside a simulation", &found.beside);
        rounds.add("rehearsed", found.rate);
        rounds.add("alone.p99", found.alone.percentile(0.99));
        rounds.add("beside.p99", found.beside.percentile(0.99));
        Ok(())
    }

    async fn messages(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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
    async fn scim(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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

    fn micro(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        let micro = micro::measure(&self.large.programs.folder)?;
        (self.say)(&format!("  decide {:.2} µs, locate {:.2} µs", micro.decide, micro.locate));
        rounds.add("decide", micro.decide);
        rounds.add("locate", micro.locate);
        Ok(())
    }

    fn tell(&self, name: &str, sample: &Sample) {
        let (rate, p50, p99) = (sample.rate(), sample.percentile(0.5), sample.percentile(0.99));
        (self.say)(&format!("  {name:<40} {rate:>8.0}/s  p50 {p50:>6.2} ms  p99 {p99:>6.2} ms"));
    }

    async fn limits(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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

    async fn verify(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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

    async fn alone(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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

    async fn login_path(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
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

    async fn security(&self, rounds: &mut Rounds) -> anyhow::Result<()> {
        for (name, security) in [("rls.on", true), ("rls.off", false)] {
            let rate = self.large.service(security, self.cases(8_000.0)).await?;
            (self.say)(&format!("  {name:<40} {rate:>8.0}/s  (the service without HTTP)"));
            rounds.add(name, rate);
        }
        Ok(())
    }

    fn cases(&self, rate: f64) -> usize {
        (rate * self.large.seconds) as usize / MANY * MANY
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

fn table(r: &Rounds) -> Figures {
    let mut figures = Figures::default();
    let rate = |name: &str| format!("{:.0}/s", r.get(name));
    let times = |rate: &str, p50: &str, p99: &str| {
        format!("{:.0}/s, p50 {:.2} ms, p99 {:.2} ms", r.get(rate), r.get(p50), r.get(p99))
    };
    let mut ratio = |name: &str, measured: String, above: &str, below: &str, gate| {
        figures.judge(name, measured, r.ratio(above, below), gate);
    };
    ratio(
        "empty GraphQL field / plain JSON",
        format!("{} / {}", rate("empty"), rate("json")),
        "empty",
        "json",
        Gate::AtLeast(0.45, None),
    );
    ratio(
        "verifyChallenge / empty field, 64 connections",
        times("verify", "verify.p50", "verify.p99"),
        "verify",
        "empty",
        Gate::AtLeast(0.4, Some(0.5)),
    );
    ratio(
        "verifyChallenge / pgbench singly, 64 clients",
        rate("pgbench"),
        "verify",
        "pgbench",
        Gate::AtLeast(1.2, None),
    );
    ratio("verifyChallenge / combining off, 64 connections", rate("off"), "verify", "off", Gate::AtLeast(2.5, None));
    ratio(
        "p99 / p50 at 64 connections",
        times("verify", "verify.p50", "verify.p99"),
        "verify.p99",
        "verify.p50",
        Gate::AtMost(3.0),
    );
    ratio(
        "p50 of one connection / pgbench's with one client",
        format!("{:.2} ms / {:.2} ms", r.get("one.p50"), r.get("one.pgbench.p50")),
        "one.p50",
        "one.pgbench.p50",
        Gate::AtMost(3.5),
    );
    ratio(
        "p50 of one connection, combining on / off",
        format!("{:.2} ms / {:.2} ms", r.get("one.p50"), r.get("one.off.p50")),
        "one.p50",
        "one.off.p50",
        Gate::AtMost(1.1),
    );
    ratio(
        "evaluateLogin / empty field",
        times("evaluate", "evaluate.p50", "evaluate.p99"),
        "evaluate",
        "empty",
        Gate::AtLeast(0.15, Some(0.25)),
    );
    ratio(
        "evaluateLogin at STANDARD, all signals, / at HIGH",
        times("standard", "standard.p50", "standard.p99"),
        "standard",
        "evaluate",
        Gate::AtLeast(0.85, None),
    );
    ratio(
        "whole three-call login / empty field",
        times("whole", "whole.p50", "whole.p99"),
        "whole",
        "empty",
        Gate::AtLeast(0.05, Some(0.1)),
    );
    ratio(
        "row-level security on / off (service without HTTP)",
        format!("{} / {}", rate("rls.on"), rate("rls.off")),
        "rls.on",
        "rls.off",
        Gate::AtLeast(0.95, None),
    );
    ratio(
        "many tenants and users / 1 tenant with 1,000 users",
        format!("{} / {}", rate("verify"), rate("small")),
        "verify",
        "small",
        Gate::AtLeast(0.8, None),
    );
    figures.judge("fsync per verify", String::new(), r.get("syncs"), Gate::AtMost(0.1));
    figures.judge("log per verify, bytes without full pages", String::new(), r.get("wal"), Gate::AtMost(500.0));
    figures.judge("round trips per verify", String::new(), r.get("trips"), Gate::AtMost(1.0));
    figures.judge("server's resident memory under load, MB", String::new(), r.max("resident"), Gate::AtMost(100.0));
    figures.judge("start to first answer, s", String::new(), r.get("first_answer"), Gate::AtMost(1.0));
    figures.judge(
        "logins rehearsed by a simulation, a second",
        String::new(),
        r.get("rehearsed"),
        Gate::AtLeast(100_000.0, None),
    );
    figures.judge(
        "p99 of logins beside a simulation / alone",
        format!("{:.2} ms / {:.2} ms", r.get("beside.p99"), r.get("alone.p99")),
        r.ratio("beside.p99", "alone.p99"),
        Gate::AtMost(2.0),
    );
    messages_of(r, &mut figures);
    for (what, [rate, p50, p99]) in [
        ("SCIM create / empty field", ["scim.create", "scim.create.p50", "scim.create.p99"]),
        ("SCIM patch / empty field", ["scim.patch", "scim.patch.p50", "scim.patch.p99"]),
    ] {
        figures.judge(what, times(rate, p50, p99), r.ratio(rate, "scim.empty"), Gate::AtLeast(0.2, None));
    }
    figures.judge("a decision with all signals, µs", String::new(), r.get("decide"), Gate::AtMost(2.0));
    figures.judge("a look-up of an address, µs", String::new(), r.get("locate"), Gate::AtMost(5.0));
    figures
        .tell("flushes per acknowledged batch (2 workers may share one)", format!("{:.2}", r.get("syncs_per_batch")));
    figures.tell("verifyChallenge, open loop at 70 % of its highest rate", times("open", "open.p50", "open.p99"));
    figures.tell("startChallenge, messages sent meanwhile", times("start", "start.p50", "start.p99"));
    figures.tell("empty field with 1 tenant", rate("small.empty"));
    figures
}

/// What the sending of messages costs.
fn messages_of(r: &Rounds, figures: &mut Figures) {
    let carried = format!("{:.0}/s / {:.0}/s", r.get("carried"), r.get("client"));
    figures.judge(
        "messages carried to a provider that answers in 50 ms / its HTTP client alone",
        carried,
        r.ratio("carried", "client"),
        Gate::AtLeast(0.25, None),
    );
    figures.judge("messages carried, a second", String::new(), r.get("carried"), Gate::AtLeast(2_000.0, None));
    figures.judge("worker's resident memory, MB", String::new(), r.max("carried.resident"), Gate::AtMost(100.0));
    figures.judge("the same, second half / first half", String::new(), r.get("carried.growth"), Gate::AtMost(1.2));
    figures.judge("p50 from a code's row to the provider, ms", String::new(), r.get("wait.p50"), Gate::AtMost(20.0));
    figures.judge("p99 from a code's row to the provider, ms", String::new(), r.get("wait.p99"), Gate::AtMost(100.0));
}

impl Rounds {
    fn max(&self, name: &str) -> f64 {
        self.0.get(name).map_or(f64::NAN, |values| values.iter().copied().fold(f64::MIN, f64::max))
    }
}
