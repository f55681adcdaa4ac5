//! What a login's record keeps of its assessment, so that it can be decided again under another policy.
//!
//! Weights are the operator's and stay as they were; the speed of travel is the policy's, so travel is
//! kept as it was measured and judged anew. Records are read by later releases: names stay, unknown
//! fields are ignored, and what is missing has the value that lets nobody in. A record that cannot be
//! read at all is an unknown risk.

use serde::{Deserialize, Serialize};

use crate::assess::total;
use crate::{Assessment, Finding, SignalKind, Travel, Weight, Weights};

/// An assessment as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recorded {
    /// What was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// How far the user came, if that is far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel: Option<Travel>,
    /// What IMPOSSIBLE_TRAVEL added, or would have.
    pub travel_weight: Weight,
    /// Whether there is a risk to decide by.
    pub conclusive: bool,
}

impl Recorded {
    /// The risk at another speed, in km/h, as [`Assessment::risk_score`] would have been.
    #[must_use]
    pub fn score_at(&self, max_travel_speed_kmh: u32) -> Option<u32> {
        let others = self.findings.iter().filter(|finding| !self.is_judged_anew(finding));
        let travelled = self.travel.is_some_and(|travel| travel.is_faster_than(max_travel_speed_kmh));
        let travel_score = travelled.then(|| self.travel_weight.get());
        self.conclusive.then(|| total(others.map(|finding| finding.score).chain(travel_score)))
    }

    fn is_judged_anew(&self, finding: &Finding) -> bool {
        finding.kind == SignalKind::ImpossibleTravel && self.travel.is_some()
    }
}

impl Default for Recorded {
    /// A record that says nothing: its risk is unknown.
    fn default() -> Self {
        Self {
            findings: Vec::new(),
            travel: None,
            travel_weight: Weights::default().impossible_travel,
            conclusive: false,
        }
    }
}

impl From<Assessment> for Recorded {
    fn from(assessment: Assessment) -> Self {
        Self {
            conclusive: assessment.is_conclusive(),
            findings: assessment.findings,
            travel: assessment.travel,
            travel_weight: assessment.travel_weight,
        }
    }
}
