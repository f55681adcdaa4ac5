//! From an attempt and a history to a score.

use serde::{Deserialize, Serialize};

use crate::signals::{Case, SIGNALS};
use crate::{Attempt, History, SignalKind, Travel, Weight, Weights};

/// The highest score.
pub const MAX_SCORE: u32 = 100;

/// One thing that is unusual about a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which signal.
    pub kind: SignalKind,
    /// What it adds.
    pub score: u32,
    /// A sentence for a person, without an address or a code.
    #[serde(default)]
    pub detail: String,
}

/// Whether it is known where a login comes from, as far as that matters for travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Located {
    /// A database has a position.
    ByPosition,
    /// No position, and none of an earlier login to compare it with.
    NothingToCompare,
    /// No position, but the user completed a login from the same network prefix in the last 90 days.
    ByFamiliarPrefix,
    /// No position, though the last login had one: somebody may have chosen an address that no database
    /// knows, to hide a journey.
    Nowhere,
}

/// How unusual a login is, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The findings' scores, added, at most [`MAX_SCORE`]. A policy takes [`Self::risk_score`].
    pub score: u32,
    /// What was found, in the order of [`SignalKind::ALL`].
    pub findings: Vec<Finding>,
    /// How far the user came since the last login, if that is far; also where it was slow enough.
    pub travel: Option<Travel>,
    /// What IMPOSSIBLE_TRAVEL adds, found or not.
    pub travel_weight: Weight,
    /// Whether it is known where the login comes from.
    pub located: Located,
}

impl Assessment {
    /// Whether the score says all there is to say.
    #[must_use]
    pub fn is_conclusive(&self) -> bool {
        self.located != Located::Nowhere
    }

    /// The risk that a policy decides by; `None` where the assessment is inconclusive. A policy asks
    /// where the risk is unknown, and by an unknown risk never denies.
    #[must_use]
    pub fn risk_score(&self) -> Option<u32> {
        self.is_conclusive().then_some(self.score)
    }
}

/// Compares a login with what is remembered of its user.
///
/// Travel faster than `max_travel_speed_kmh`, in km/h, is impossible.
#[must_use]
pub fn assess(attempt: &Attempt, history: &History, weights: &Weights, max_travel_speed_kmh: u32) -> Assessment {
    let travel = travel(attempt, history);
    let case = Case { attempt, history, weights, max_travel_speed_kmh, travel };
    let findings: Vec<_> = SIGNALS.iter().filter_map(|signal| signal(&case)).collect();
    Assessment {
        score: total(findings.iter().map(|finding| finding.score)),
        findings,
        travel,
        travel_weight: weights.impossible_travel,
        located: locate(attempt, history),
    }
}

/// A score from its parts.
pub(crate) fn total(scores: impl Iterator<Item = u32>) -> u32 {
    scores.fold(0_u32, u32::saturating_add).min(MAX_SCORE)
}

fn travel(attempt: &Attempt, history: &History) -> Option<Travel> {
    let last = history.last_place()?;
    let elapsed = attempt.now.signed_duration_since(last.at);
    Travel::measure(&last.position, attempt.origin.place()?, elapsed)
}

fn locate(attempt: &Attempt, history: &History) -> Located {
    if attempt.origin.place().is_some() {
        return Located::ByPosition;
    }
    if history.last_place().is_none() {
        return Located::NothingToCompare;
    }
    let familiar = history.seen.contains(attempt.prefix_key(), attempt.now);
    if familiar { Located::ByFamiliarPrefix } else { Located::Nowhere }
}
