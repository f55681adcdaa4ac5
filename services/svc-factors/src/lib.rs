//! What users can prove, and how that changes: enrolling, confirming, replacing and removing factors,
//! backup codes, the level, opting out and in.
//!
//! Whoever can change a user's factors *is* that user to the next login, so every command here asks
//! one rule first ([`rules::step_up`]), and confirming asks it again: what was begun with a right may
//! be finished only with one. A command loads everything it decides by under the locks of login and
//! user, in that order, so that two changes of one user never overlap.
//!
//! Codes are checked and counted in one SQL function (`migrations/hot_path/65_confirm.sql`).

mod commands;
mod contacts;
mod lanes;
mod model;
mod passkeys;
mod queries;
mod refusal;
mod rules;
mod store;
pub mod supplied;

use std::sync::Arc;

use svc_platform::Platform;
use svc_policy::Policies;
use tokio::sync::Semaphore;

pub use commands::{
    ChooseSecurityLevel, ConfirmFactor, EnrollEmail, EnrollPasskey, EnrollPhone, EnrollTotp, ForgetDevices,
    GenerateBackupCodes, OptOut, RemoveFactor, SendFactorCode,
};
pub use model::{
    Confirmation, DeviceView, Enrollment, FactorView, PasskeyEnrollment, PasskeyLabel, PhoneChannel, TotpEnrollment,
};

/// Sets of backup codes hashed at the same time; each hash takes 19 MiB and some tens of milliseconds.
const PARALLEL_HASHES: usize = 2;

/// Commands and queries of factors; cheap to clone.
#[derive(Clone)]
pub struct Factors {
    platform: Platform,
    policies: Policies,
    hashing: Arc<Semaphore>,
    lanes: lanes::Lanes,
}

impl Factors {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, policies: Policies) -> Self {
        let hashing = Arc::new(Semaphore::new(PARALLEL_HASHES));
        Self { platform, policies, hashing, lanes: lanes::Lanes::new() }
    }
}
