//! The one table of limits.
//!
//! To add one: a line in `limits!` below, whose type says by what it is counted, and a call of
//! [`Limits::check`](crate::Limits::check) where it holds. Configuration and reference follow.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// The span over which a rate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Per second.
    Second,
    /// Per minute.
    Minute,
}

impl Per {
    /// The span's length.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_secs(60),
        }
    }
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Second => "second",
            Self::Minute => "minute",
        })
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct LimitSpec {
    /// Its name, e.g. `api_key`.
    pub name: &'static str,
    /// What its configuration keys begin with, e.g. `limits.api_key`; `_rate` and `_burst` follow.
    pub config_key: &'static str,
    /// The span of `rate`.
    pub per: Per,
    /// Units that come back per span, by default.
    pub rate: u32,
    /// Units that may be spent at once after a pause, by default.
    pub burst: u32,
    /// What it counts, in a sentence.
    pub doc: &'static str,
}

/// A limit that is counted by `K`, so that nobody counts an API key by its tenant.
pub struct Limit<K> {
    index: usize,
    counted_by: PhantomData<fn(K)>,
}

impl<K> Limit<K> {
    const fn at(index: usize) -> Self {
        Self { index, counted_by: PhantomData }
    }

    pub(crate) const fn index(self) -> usize {
        self.index
    }

    /// Its row in the table.
    #[must_use]
    pub const fn spec(self) -> &'static LimitSpec {
        &LIMITS[self.index]
    }
}

impl<K> Clone for Limit<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Limit<K> {}

impl<K> fmt::Debug for Limit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Limit").field(&self.spec().name).finish()
    }
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident($key:ty) = $text:literal, $rate:literal / $per:ident, burst $burst:literal;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "named like the constants they number")]
        enum Row { $($name),* }

        /// Every limit there is.
        pub const LIMITS: &[LimitSpec] = &[$(LimitSpec {
            name: $text,
            config_key: concat!("limits.", $text),
            per: Per::$per,
            rate: $rate,
            burst: $burst,
            doc: concat!($($doc),+).trim_ascii(),
        }),*];

        /// The limits by name, each with the type by which it is counted.
        pub mod limit {
            use super::{Limit, Row};
            use crate::ClientNetwork;
            use core_kernel::{ApiKeyId, TenantId, UserId};

            $($(#[doc = $doc])+ pub const $name: Limit<$key> = Limit::at(Row::$name as usize);)*
        }
    };
}

limits! {
    /// Requests with one API key.
    API_KEY(ApiKeyId) = "api_key", 2_000 / Second, burst 4_000;
    /// Complexity of the queries of one API key, in the units of the limit per request.
    // The dearest request costs 20,000, one call of the login path about 50: 2,000 calls a second
    // fit in, five of the dearest requests a second are the most.
    API_KEY_COMPLEXITY(ApiKeyId) = "api_key_complexity", 6_000_000 / Minute, burst 600_000;
    /// Requests to one tenant, with whatever API key.
    TENANT(TenantId) = "tenant", 4_000 / Second, burst 4_000;
    /// Calls of simulatePolicy for one tenant.
    TENANT_SIMULATE_POLICY(TenantId) = "tenant_simulate_policy", 6 / Minute, burst 6;
    /// Calls of evaluateLogin for one user.
    USER_EVALUATE_LOGIN((TenantId, UserId)) = "user_evaluate_login", 30 / Minute, burst 60;
    /// Calls of startChallenge for one user.
    USER_START_CHALLENGE((TenantId, UserId)) = "user_start_challenge", 30 / Minute, burst 60;
    /// Hosted pages and sign-ins from one client address (IPv6: from one /64 network).
    CLIENT_ADDRESS(ClientNetwork) = "client_address", 60 / Minute, burst 60;
}
