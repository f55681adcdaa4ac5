//! Trusted devices.

mod mutations;
mod types;

pub use mutations::DeviceMutation;
pub use types::TrustedDevice;
pub(crate) use types::{devices_of, load_device};
