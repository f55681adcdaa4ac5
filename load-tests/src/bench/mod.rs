//! The whole run: rounds of all measurements, interleaved, and the table of their medians.

mod parts;
mod rounds;
mod table;

use clap::ValueEnum as _;

use self::rounds::Rounds;
use self::table::table;
use crate::figures::Figures;
use crate::phases::Stage;
use crate::stats::Sample;

/// The load's connections.
const MANY: usize = 64;

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

    fn tell(&self, name: &str, sample: &Sample) {
        let (rate, p50, p99) = (sample.rate(), sample.percentile(0.5), sample.percentile(0.99));
        (self.say)(&format!("  {name:<40} {rate:>8.0}/s  p50 {p50:>6.2} ms  p99 {p99:>6.2} ms"));
    }

    fn cases(&self, rate: f64) -> usize {
        (rate * self.large.seconds) as usize / MANY * MANY
    }
}
