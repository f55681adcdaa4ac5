//! The rollout: forecasts and reminders.

mod mutations;
mod types;

pub use mutations::RolloutMutation;
pub(crate) use types::{
    EnrollmentForecast, EnrollmentReminderRun, EnrollmentReminderRunConnection, load_reminder_run, tenant_forecast,
    tenant_reminder_runs,
};
