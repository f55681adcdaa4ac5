//! What is done in the background.

use io_outbound::{Outbound, OutboundOptions};
use svc_billing::Collector;
use svc_branding::{LogoOptions, LogoWorker, MAX_SOURCE_BYTES};
use svc_delivery::DeliveryWorker;
use svc_lifecycle::Caretaker;
use svc_onboarding::{ImportOptions, ImportWorker};
use svc_rollout::{ReminderOptions, ReminderWorker};
use svc_simulation::{SimulationOptions, SimulationWorker};
use svc_webhooks::{WebhookOptions, WebhookWorker};

use super::Wiring;
use super::options::{callable, retention};
use crate::config::Config;

impl Wiring {
    /// Who collects what tenants owe, if anybody.
    #[must_use]
    pub fn collector(&self, config: &Config) -> Option<Collector> {
        let stripe = self.stripe.clone()?;
        Some(crate::stripe::collector(config, self.platform.clone(), stripe))
    }

    /// The worker that works through files.
    #[must_use]
    pub fn import_worker(&self, config: &Config) -> ImportWorker {
        let rest = f64::from(config.imports_rest_percent) / 100.0;
        let options = ImportOptions { rest, ..ImportOptions::default() };
        let (policies, directory) = (self.policies.clone(), self.directory.clone());
        ImportWorker::new(self.imports.clone(), policies, directory, self.admins.clone(), options)
    }

    /// The worker that goes on with reminders.
    #[must_use]
    pub fn reminder_worker(&self) -> ReminderWorker {
        ReminderWorker::new(self.platform.clone(), self.policies.clone(), ReminderOptions::default())
    }

    /// The worker that runs simulations.
    #[must_use]
    pub fn simulation_worker(&self) -> SimulationWorker {
        SimulationWorker::new(self.platform.clone(), SimulationOptions::default())
    }

    /// The worker that passes events on to webhooks.
    #[must_use]
    pub fn webhook_worker(&self, config: &Config) -> WebhookWorker {
        let options = OutboundOptions { user_agent: "Postern-Webhooks", ..OutboundOptions::new(callable(config)) };
        WebhookWorker::new(self.platform.clone(), Outbound::new(options), WebhookOptions::default())
    }

    /// The worker that fetches logos.
    #[must_use]
    pub fn logo_worker(&self, config: &Config) -> LogoWorker {
        let options = OutboundOptions {
            user_agent: "Postern-Logos",
            max_answer_bytes: MAX_SOURCE_BYTES,
            ..OutboundOptions::new(callable(config))
        };
        LogoWorker::new(self.platform.clone(), Outbound::new(options), LogoOptions::default())
    }

    /// What sees to it that nothing is kept longer than it may.
    #[must_use]
    pub fn caretaker(&self, config: &Config) -> Caretaker {
        Caretaker::new(self.platform.clone(), retention(config))
    }

    /// The worker that empties the outbox.
    #[must_use]
    pub fn delivery_worker(&self, config: &Config) -> DeliveryWorker {
        DeliveryWorker::new(self.platform.clone(), self.carriers.clone(), crate::carriers::delivery(config))
    }
}
