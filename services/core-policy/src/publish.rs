//! The publishing checks. An administrator gets every fault of a draft at once, each with the path
//! of its field, and a draft with a fault becomes no policy at all.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use core_kernel::{Refusal, Refusals, Timestamp};

use crate::model::DAY;
use crate::{
    AllowedNetwork, AllowedNetworkDraft, AudienceDraft, AudiencePolicy, COUNTRIES, Channel, CodeDraft, CodePolicy,
    Given, Policy, PolicyDraft, PublishContext, RiskDraft, RiskPolicy, UserKind, is_country, parse_network,
    parse_timestamp,
};

const MAX_NETWORKS: usize = 200;
const MAX_LABEL_CHARS: usize = 100;
const UP_TO_90_DAYS: RangeInclusive<u32> = 0..=90 * DAY;
const RESEND: RangeInclusive<u32> = 15..=300;

impl PolicyDraft {
    /// Turns the draft into a policy; *at once* becomes the instant at which it takes effect.
    ///
    /// # Errors
    /// INVALID for every fault, with `field` from `policy` (or `effectiveAt`) downwards.
    pub fn validate(&self, context: &PublishContext) -> Result<Policy, Refusals> {
        let mut check = Check { context, refusals: Vec::new() };
        check.effective_at();
        let policy = Policy {
            internal: check.audience("policy.internal", UserKind::Internal, &self.internal),
            external: check.audience("policy.external", UserKind::External, &self.external),
            allowed_networks: check.networks(&self.allowed_networks),
            phone_countries: check.countries(self.phone_countries.as_deref()),
            codes: check.codes(&self.codes),
            risk: check.risk(&self.risk),
            temporary_access_max_seconds: check.number(
                "policy.temporaryAccessMaxSeconds",
                self.temporary_access_max_seconds,
                Policy::default().temporary_access_max_seconds,
                600..=DAY,
            ),
        };
        if check.refusals.is_empty() { Ok(policy) } else { Err(check.refusals) }
    }
}

/// Collects refusals. Each check gives a value even when it refuses, so that the rest can go on.
struct Check<'a> {
    context: &'a PublishContext,
    refusals: Refusals,
}

impl Check<'_> {
    fn refuse(&mut self, path: &str, message: impl Into<String>) {
        self.refusals.push(Refusal::invalid(path, message));
    }

    fn effective_at(&mut self) {
        if self.context.takes_effect_at() < self.context.now {
            self.refuse("effectiveAt", "A policy cannot take effect in the past; leave it out to publish now.");
        }
    }

    fn number(&mut self, path: &str, given: Option<i32>, default: u32, range: RangeInclusive<u32>) -> u32 {
        let Some(given) = given else { return default };
        if let Some(value) = u32::try_from(given).ok().filter(|value| range.contains(value)) {
            return value;
        }
        self.refuse(path, format!("This must be {} to {}.", range.start(), range.end()));
        default
    }

    fn optional_number(&mut self, path: &str, given: Option<i32>, range: RangeInclusive<u32>) -> Option<u32> {
        given.map(|value| self.number(path, Some(value), *range.start(), range))
    }

    fn date_time(&mut self, path: &str, given: Option<&str>) -> Option<Timestamp> {
        let parsed = parse_timestamp(given?);
        if parsed.is_none() {
            self.refuse(path, "This is not a date-time of RFC 3339, such as 2026-03-01T00:00:00Z.");
        }
        parsed
    }

    fn audience(&mut self, path: &str, kind: UserKind, draft: &AudienceDraft) -> AudiencePolicy {
        let at = |field: &str| format!("{path}.{field}");
        let default = AudiencePolicy::new_tenant(kind, self.context.takes_effect_at());
        self.channels(&at("allowedChannels"), &draft.allowed_channels);
        let (enrollment_opens_at, mandatory_from) = self.rollout(path, draft);
        let audience = AudiencePolicy {
            allowed_channels: draft.allowed_channels.clone(),
            enrollment_opens_at,
            mandatory_from,
            max_skips: self.optional_number(&at("maxSkips"), draft.max_skips, 0..=100),
            grace_period_seconds: self.number(
                &at("gracePeriodSeconds"),
                draft.grace_period_seconds,
                default.grace_period_seconds,
                UP_TO_90_DAYS,
            ),
            default_level: draft.default_level.unwrap_or(default.default_level),
            minimum_level: draft.minimum_level.unwrap_or(default.minimum_level),
            user_may_choose_level: draft.user_may_choose_level.unwrap_or(default.user_may_choose_level),
            adaptive_from: self.date_time(&at("adaptiveFrom"), draft.adaptive_from.as_deref()),
            trusted_device_seconds: self.number(
                &at("trustedDeviceSeconds"),
                draft.trusted_device_seconds,
                default.trusted_device_seconds,
                UP_TO_90_DAYS,
            ),
        };
        if audience.minimum_level > audience.default_level {
            self.refuse(&at("minimumLevel"), "The minimum level cannot be above the default level.");
        }
        audience
    }

    fn channels(&mut self, path: &str, channels: &[Channel]) {
        if channels.is_empty() {
            self.refuse(path, "At least one channel must be allowed.");
        }
        if has_repetition(channels) {
            self.refuse(path, "A channel can be named only once.");
        }
    }

    /// `enrollmentOpensAt` and `mandatoryFrom`, in order.
    fn rollout(&mut self, path: &str, draft: &AudienceDraft) -> (Option<Timestamp>, Option<Timestamp>) {
        let opens = self.date_time(&format!("{path}.enrollmentOpensAt"), draft.enrollment_opens_at.as_deref());
        let field = format!("{path}.mandatoryFrom");
        let mandatory = match &draft.mandatory_from {
            Given::LeftOut => Some(self.context.takes_effect_at()),
            Given::Null => None,
            Given::Value(text) => self.date_time(&field, Some(text)),
        };
        if opens.zip(mandatory).is_some_and(|(opens, mandatory)| opens > mandatory) {
            self.refuse(&field, match draft.mandatory_from {
                Given::LeftOut => {
                    "Left out, enrollment is mandatory at once, but it opens only later: give a date at or after enrollmentOpensAt, or null to keep it optional."
                }
                _ => "Enrollment cannot become mandatory before it opens.",
            });
        }
        (opens, mandatory)
    }

    fn networks(&mut self, drafts: &[AllowedNetworkDraft]) -> Vec<AllowedNetwork> {
        if drafts.len() > MAX_NETWORKS {
            self.refuse("policy.allowedNetworks", format!("At most {MAX_NETWORKS} networks can be allowed."));
            return Vec::new();
        }
        let checked = drafts.iter().enumerate().map(|(index, draft)| self.network(index, draft));
        checked.flatten().collect()
    }

    fn network(&mut self, index: usize, draft: &AllowedNetworkDraft) -> Option<AllowedNetwork> {
        let path = format!("policy.allowedNetworks.{index}");
        let cidr = parse_network(&draft.cidr);
        if let Err(error) = cidr {
            self.refuse(&format!("{path}.cidr"), error.to_string());
        }
        let label = draft.label.trim().to_owned();
        if !(1..=MAX_LABEL_CHARS).contains(&label.chars().count()) || label.chars().any(char::is_control) {
            self.refuse(
                &format!("{path}.label"),
                format!("A label has 1 to {MAX_LABEL_CHARS} characters on a single line."),
            );
        }
        let expires_at = self.date_time(&format!("{path}.expiresAt"), draft.expires_at.as_deref());
        cidr.ok().map(|cidr| AllowedNetwork { cidr, label, expires_at })
    }

    fn countries(&mut self, given: Option<&[String]>) -> Vec<String> {
        let path = "policy.phoneCountries";
        let Some(codes) = given else { return Policy::default().phone_countries };
        if codes.is_empty() {
            self.refuse(path, "At least one country must be allowed.");
        }
        if codes.len() > COUNTRIES.len() || has_repetition(codes) {
            self.refuse(path, "A country can be named only once.");
            return codes.to_vec();
        }
        for (index, code) in codes.iter().enumerate().filter(|(_, code)| !is_country(code)) {
            let shown: String = code.chars().filter(|letter| !letter.is_control()).take(8).collect();
            self.refuse(
                &format!("{path}.{index}"),
                format!("“{shown}” is not a country code of ISO 3166-1 alpha-2, such as US."),
            );
        }
        codes.to_vec()
    }

    fn codes(&mut self, draft: &CodeDraft) -> CodePolicy {
        let default = CodePolicy::default();
        CodePolicy {
            digits: self.number("policy.codes.digits", draft.digits, default.digits, 6..=8),
            ttl_seconds: self.number("policy.codes.ttlSeconds", draft.ttl_seconds, default.ttl_seconds, 60..=600),
            max_attempts: self.number("policy.codes.maxAttempts", draft.max_attempts, default.max_attempts, 3..=5),
            resend_after_seconds: self.resend_after(draft.resend_after_seconds, default.resend_after_seconds),
        }
    }

    fn resend_after(&mut self, given: Option<i32>, default: u32) -> u32 {
        // Tests in a SANDBOX need not wait; nobody's phone rings there.
        if self.context.sandbox && given == Some(0) {
            return 0;
        }
        self.number("policy.codes.resendAfterSeconds", given, default, RESEND)
    }

    fn risk(&mut self, draft: &RiskDraft) -> RiskPolicy {
        let default = RiskPolicy::default();
        let deny_path = "policy.risk.denyThreshold";
        let faults_before = self.refusals.len();
        let risk = RiskPolicy {
            challenge_threshold: self.number(
                "policy.risk.challengeThreshold",
                draft.challenge_threshold,
                default.challenge_threshold,
                1..=100,
            ),
            deny_threshold: self.optional_number(deny_path, draft.deny_threshold, 1..=100),
            max_travel_speed_kmh: self.number(
                "policy.risk.maxTravelSpeedKmh",
                draft.max_travel_speed_kmh,
                default.max_travel_speed_kmh,
                300..=2_000,
            ),
        };
        let readable = self.refusals.len() == faults_before;
        if readable && risk.deny_threshold.is_some_and(|deny| deny <= risk.challenge_threshold) {
            self.refuse(deny_path, "The threshold for denying must be above the one for asking.");
        }
        risk
    }
}

fn has_repetition<T: Eq + std::hash::Hash>(values: &[T]) -> bool {
    let mut seen = HashSet::new();
    !values.iter().all(|value| seen.insert(value))
}
