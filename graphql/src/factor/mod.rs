//! What users can prove: factors, their enrollment, levels, opting out and in.

mod inputs;
mod mutations;
mod passkey;
mod queries;
mod types;

pub use mutations::{FactorMutation, SettingMutation};
pub use passkey::{PasskeyFactor, PasskeyMutation};
pub(crate) use queries::{factors_of, load_factor, suggested_factors};
pub use types::{BackupCodesFactor, EmailFactor, Factor, PhoneFactor, TotpFactor};
