//! The handle.

use std::sync::Arc;

use io_limits::Limits;
use svc_directory::Directory;
use svc_platform::Platform;

/// Commands and queries of simulations; cheap to clone.
#[derive(Clone)]
pub struct Simulations {
    pub(crate) platform: Platform,
    pub(crate) directory: Directory,
    pub(crate) limits: Arc<Limits>,
}

impl Simulations {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, directory: Directory, limits: Arc<Limits>) -> Self {
        Self { platform, directory, limits }
    }
}
