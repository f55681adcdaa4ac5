//! The handle.

use std::time::Duration;

use core_kernel::{ImportId, TenantId};
use io_postgres::{Thing, Touch};
use svc_platform::Platform;

use crate::download::DownloadUrls;

/// How much may be sent.
#[derive(Debug, Clone, Copy)]
pub struct ImportLimits {
    /// The longest file, in bytes.
    pub max_bytes: u64,
    /// The most rows of one.
    pub max_rows: u32,
    /// The most imports of a tenant (of a partner, those of tenants) that are not over yet …
    pub max_unfinished: i64,
    /// … and of these, files that are still arriving: nobody takes all places with files that never end.
    pub max_arriving: i64,
    /// How often it is noted that a file is still arriving, however slowly it does.
    pub renew_every: Duration,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self {
            max_bytes: 512 << 20,
            max_rows: 4_000_000,
            max_unfinished: 10,
            max_arriving: 3,
            renew_every: Duration::from_secs(20),
        }
    }
}

/// Commands and queries of imports; cheap to clone.
#[derive(Clone)]
pub struct Imports {
    pub(crate) platform: Platform,
    pub(crate) limits: ImportLimits,
    pub(crate) urls: DownloadUrls,
}

impl Imports {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, limits: ImportLimits) -> Self {
        let urls = DownloadUrls::new(&platform);
        Self { platform, limits, urls }
    }

    /// The longest file, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.limits.max_bytes
    }

    /// Wakes whoever watches an import.
    pub(crate) fn touch(&self, tenant: TenantId, import: ImportId) {
        self.platform.watch.touch(Touch::new(Thing::Import, tenant, import));
    }
}
