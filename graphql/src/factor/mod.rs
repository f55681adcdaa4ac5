//! What users can prove: factors, their enrollment, levels, opting out and in.

mod inputs;
mod mutations;
mod queries;
mod types;

pub use mutations::{FactorMutation, SettingMutation};
pub(crate) use queries::{factors_of, load_factor, suggested_factors};
pub use types::{BackupCodesFactor, EmailFactor, Factor, PhoneFactor, TotpFactor};
