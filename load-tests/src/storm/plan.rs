//! A scenario's file: TOML, with every key there is spelt out here.

use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::storm::schedule::Phase;

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What the report is called.
    pub title: String,
    /// What is shown by it, in a sentence or two.
    pub story: String,
    /// Gateways.
    #[serde(default = "one")]
    pub gateways: usize,
    /// Connections of the load, over all gateways.
    #[serde(default = "many")]
    pub connections: usize,
    /// What goes wrong or changes.
    #[serde(default)]
    pub act: Act,
    /// In which phase it happens: at its beginning, and where it lasts, to its end.
    pub during: String,
    /// The load.
    #[serde(rename = "phase")]
    pub phases: Vec<Phase>,
    /// What must hold.
    pub holds: Holds,
}

const fn one() -> usize {
    1
}

const fn many() -> usize {
    64
}

/// What happens beside the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Nothing: the load itself is the event.
    #[default]
    Nothing,
    /// A policy comes into force at the instant that was published: from then on every login needs a second factor.
    Rollout,
    /// A file of users is imported by another tenant.
    Import,
    /// One tenant's logins ask for codes to numbers of one prefix and give none.
    Pumping,
    /// The first provider of texts dies; the second takes over.
    ProviderDies,
    /// One gateway is killed, without notice.
    GatewayDies,
}

/// What must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holds {
    /// Of all logins that were due, the share that may fail.
    #[serde(default)]
    pub failed: f64,
    /// From the first failure to the last, at most so many seconds.
    #[serde(default)]
    pub failing_seconds: usize,
    /// How much longer than in one phase logins wait in another.
    #[serde(default)]
    pub slower: Vec<Slower>,
}

/// A limit measured in the same run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slower {
    /// The phase that is judged.
    pub phase: String,
    /// The phase it is judged by.
    pub than: String,
    /// The quotient of their 99th percentiles, at most.
    pub times: f64,
}

impl Plan {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, has a key that means nothing, or names a phase that it has not.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Self::parse(&text).with_context(|| file.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let plan: Self = toml::from_str(text)?;
        let named = plan.holds.slower.iter().flat_map(|slower| [&slower.phase, &slower.than]);
        for name in named.chain([&plan.during]) {
            ensure!(plan.phases.iter().any(|phase| &phase.name == name), "no phase is called {name}");
        }
        for phase in &plan.phases {
            let good = phase.seconds > 0.0 && phase.rate.iter().all(|rate| (0.0..=4.0).contains(rate));
            ensure!(good && phase.rate.iter().sum::<f64>() > 0.0, "nothing is due in {}", phase.name);
        }
        ensure!(plan.gateways > 0 && plan.connections > 0, "nobody asks anybody");
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

    #[test]
    fn every_file_is_a_scenario_and_every_act_has_one() {
        let files: Vec<_> = std::fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().path()).collect();
        let acts: Vec<_> = files.iter().map(|file| Plan::read(file).unwrap().act).collect();
        for act in [Act::Nothing, Act::Rollout, Act::Import, Act::Pumping, Act::ProviderDies, Act::GatewayDies] {
            assert!(acts.contains(&act), "{act:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let good = std::fs::read_to_string(format!("{FOLDER}/replica-loss.toml")).unwrap();
        assert!(Plan::parse(&good).is_ok());
        for (from, to) in [
            ("gateways = 3", "gatways = 3"),
            ("gateways = 3", "gateways = 0"),
            ("during = \"", "during = \"no "),
            ("act = \"gateway-dies\"", "act = \"earthquake\""),
            ("seconds = 15", "seconds = 0"),
        ] {
            assert!(good.contains(from), "{from}");
            assert!(Plan::parse(&good.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
