//! How unusual a login is: puts what was read of the user and what is known of the address before
//! `core_risk`, and keeps what it says with the login.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::Timelike;
use chrono_tz::Tz;
use core_kernel::{Clock, Fault, Timestamp};
use core_policy::{Risk, RiskPolicy, parse_ip};
use core_risk::{
    Anonymizer, Assessment, Attempt, DeviceFamily, FactorChange, History, LastPosition, Origin, Position, Recorded,
    Seen, Weights, assess,
};
use io_geo::{Atlas, Located};
use serde_json::{Value, json};

use crate::steps::load::Loaded;
use crate::steps::record::LoginOrigin;

/// What risk is judged by beside the user's own history; cheap to clone.
#[derive(Clone)]
pub struct RiskSources {
    /// Where addresses are.
    pub atlas: Atlas,
    /// What each signal adds.
    pub weights: Weights,
}

/// A login as core-risk sees it, and as it is recorded.
pub(crate) struct Judged {
    attempt: Attempt,
    assessment: Assessment,
}

impl RiskSources {
    /// The usual weights, and nothing known of addresses.
    #[must_use]
    pub fn without_files(clock: Arc<dyn Clock>) -> Self {
        Self { atlas: Atlas::empty(clock), weights: Weights::default() }
    }

    /// Where an address is, as far as it is known.
    #[must_use]
    pub fn origin_of(&self, ip: IpAddr) -> Origin {
        origin(ip, self.atlas.locate(ip))
    }

    /// Judges a login by the speed that the policy takes for impossible.
    pub(crate) fn judge(
        &self,
        loaded: &Loaded,
        (ip, user_agent, now): (IpAddr, Option<&str>, Timestamp),
        policy: &RiskPolicy,
    ) -> Result<Judged, Fault> {
        let attempt = Attempt {
            now,
            hour: local_hour(now, loaded.time_zone.as_deref())?,
            origin: self.origin_of(ip),
            device: DeviceFamily::of(user_agent),
            known_device: loaded.device_id.is_some(),
        };
        let assessment = assess(&attempt, &history(loaded), &self.weights, policy.max_travel_speed_kmh);
        Ok(Judged { attempt, assessment })
    }
}

impl Judged {
    /// What the policy decides by; none where it cannot be told.
    pub(crate) fn risk(&self) -> Option<Risk> {
        self.assessment.risk_score().map(|score| Risk { score })
    }

    /// 0 to 100.
    pub(crate) fn score(&self) -> i16 {
        i16::try_from(self.assessment.score).unwrap_or(i16::MAX)
    }

    /// The findings as they are shown.
    pub(crate) fn signals(&self) -> Value {
        let shown = |finding: &core_risk::Finding| json!({"kind": finding.kind.as_str(), "score": finding.score, "detail": finding.detail});
        self.assessment.findings.iter().map(shown).collect()
    }

    /// Where the login comes from, and what completing it adds to the user's history.
    pub(crate) fn origin(&self) -> LoginOrigin {
        let origin = &self.attempt.origin;
        let narrow =
            |position: Position| (position.latitude as f32, position.longitude as f32, position.accuracy_km as f32);
        LoginOrigin {
            country: origin.country.clone(),
            city: origin.city.clone(),
            position: origin.position.map(narrow),
            hour: self.attempt.hour.into(),
            seen: self.attempt.seen_keys(),
        }
    }

    /// What is kept to judge the login again by.
    pub(crate) fn recorded(self) -> Recorded {
        self.assessment.into()
    }
}

/// The hour of the tenant's day.
fn local_hour(now: Timestamp, time_zone: Option<&str>) -> Result<u8, Fault> {
    let zone: Tz =
        time_zone.unwrap_or("UTC").parse().map_err(|_| Fault::internal("the tenant's time zone is unknown"))?;
    Ok(u8::try_from(now.with_timezone(&zone).hour()).unwrap_or(0))
}

fn origin(ip: IpAddr, located: Located) -> Origin {
    let accuracy = located.accuracy_km;
    Origin {
        country: located.country,
        city: located.city,
        position: located.position.map(|(latitude, longitude)| Position::new(latitude, longitude, accuracy)),
        network: located.network,
        anonymizer: located.anonymizer.map(anonymizer),
        ..Origin::unknown(ip)
    }
}

fn anonymizer(found: io_geo::Anonymizer) -> Anonymizer {
    match found {
        io_geo::Anonymizer::TorExit => Anonymizer::TorExit,
        io_geo::Anonymizer::AnonymousVpn => Anonymizer::AnonymousVpn,
        io_geo::Anonymizer::PublicProxy => Anonymizer::PublicProxy,
        io_geo::Anonymizer::HostingProvider => Anonymizer::HostingProvider,
        io_geo::Anonymizer::Listed => Anonymizer::Listed,
    }
}

fn history(loaded: &Loaded) -> History {
    History {
        last_completed_at: loaded.last_completed_at,
        last_position: last_position(loaded),
        seen: Seen::from_packed(loaded.seen.clone().unwrap_or_default()),
        hours: hours(loaded.login_hours.as_deref().unwrap_or_default()),
        wrong_codes: loaded.wrong_code_times.clone().unwrap_or_default(),
        factor_changes: factor_changes(loaded),
    }
}

fn last_position(loaded: &Loaded) -> Option<LastPosition> {
    let (latitude, longitude) = (loaded.last_latitude?.into(), loaded.last_longitude?.into());
    let position = Position::new(latitude, longitude, loaded.last_accuracy_km.map(f64::from));
    Some(LastPosition { at: loaded.last_position_at?, position, place: None })
}

fn hours(stored: &[u8]) -> [u16; 24] {
    let mut hours = [0; 24];
    for (hour, count) in hours.iter_mut().zip(stored) {
        *hour = (*count).into();
    }
    hours
}

fn factor_changes(loaded: &Loaded) -> Vec<FactorChange> {
    let times = loaded.factor_times.as_deref().unwrap_or_default();
    let origins = loaded.factor_origins.as_deref().unwrap_or_default();
    let change = |(at, from): (&Option<Timestamp>, &Option<String>)| {
        Some(FactorChange { at: (*at)?, address: from.as_deref().and_then(parse_ip) })
    };
    times.iter().zip(origins).filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_is_that_of_the_tenants_day() {
        let now: Timestamp = "2026-07-01T02:30:00Z".parse().unwrap();
        assert_eq!(local_hour(now, Some("America/Chicago")).unwrap(), 21);
        assert_eq!(local_hour(now, Some("Asia/Kolkata")).unwrap(), 8);
        assert_eq!(local_hour(now, None).unwrap(), 2);
        assert!(local_hour(now, Some("Nowhere/Else")).is_err());
    }

    #[test]
    fn stored_hours_of_another_length_say_what_they_say() {
        assert_eq!(hours(&[])[5], 0);
        assert_eq!(hours(&[1, 0, 3])[..4], [1, 0, 3, 0]);
        assert_eq!(hours(&[7; 40]), [7; 24]);
    }
}
