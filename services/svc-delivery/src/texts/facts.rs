//! What a text may speak of.

use chrono_tz::Tz;
use core_kernel::{Redacted, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::model::MessageChannel;

/// How a tenant presents itself, as it is stored with the tenant. Unknown keys are somebody else's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Branding {
    /// The name that users know; the tenant's own where it is missing.
    pub(crate) product_name: Option<String>,
    /// `#rrggbb`.
    pub(crate) color: Option<String>,
    /// How users reach a person.
    pub(crate) support_contact: Option<String>,
    /// For which domain texts carry the code in the origin-bound form.
    pub(crate) domain: Option<String>,
}

/// What one message is rendered from.
pub(crate) struct Facts {
    pub(crate) channel: MessageChannel,
    /// `code`, `notice.user_locked`, `one_time_link` …
    pub(crate) template: String,
    /// BCP 47.
    pub(crate) language: String,
    pub(crate) tenant_name: String,
    pub(crate) branding: Branding,
    pub(crate) time_zone: String,
    pub(crate) user_name: Option<String>,
    /// Now, and when the message expires, by the tenant's clock.
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) code: Option<Redacted<String>>,
    /// A link's secret.
    pub(crate) token: Option<Redacted<String>>,
    pub(crate) params: Value,
}

impl Facts {
    pub(super) fn product(&self) -> &str {
        let given = self.branding.product_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        given.unwrap_or(&self.tenant_name)
    }

    /// A date and time as everybody reads it, in the tenant's time zone.
    pub(super) fn local(&self, at: Timestamp) -> String {
        let zone: Tz = self.time_zone.parse().unwrap_or(Tz::UTC);
        at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A parameter that is an instant, shown in the tenant's time zone; `infinity` is none.
    pub(super) fn param_time(&self, name: &str) -> Option<String> {
        let at: Timestamp = self.param(name)?.parse().ok()?;
        Some(self.local(at))
    }

    /// Whole minutes that are left, at least one.
    pub(super) fn minutes(&self) -> i64 {
        let left = self.expires_at.map_or(0, |until| (until - self.now).num_seconds());
        ((left + 59) / 60).max(1)
    }
}
