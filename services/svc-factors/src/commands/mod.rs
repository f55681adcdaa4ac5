//! One use case a file. All begin alike: open the subject under its locks, ask the step-up rule, ask
//! the policy, write, tell, commit.

mod choose_security_level;
mod confirm_factor;
mod confirm_passkey;
mod enroll_email;
mod enroll_passkey;
mod enroll_phone;
mod enroll_totp;
mod forget_devices;
mod generate_backup_codes;
mod opt_in;
mod opt_out;
mod remove_factor;
mod send_factor_code;
mod sending;
mod work;

pub use choose_security_level::ChooseSecurityLevel;
pub use confirm_factor::ConfirmFactor;
pub use enroll_email::EnrollEmail;
pub use enroll_passkey::EnrollPasskey;
pub use enroll_phone::EnrollPhone;
pub use enroll_totp::EnrollTotp;
pub use forget_devices::ForgetDevices;
pub use generate_backup_codes::GenerateBackupCodes;
pub use opt_out::OptOut;
pub use remove_factor::RemoveFactor;
pub use send_factor_code::SendFactorCode;
