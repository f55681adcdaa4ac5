//! What is on its way, and to which endpoints.

use std::collections::HashMap;

use core_kernel::WebhookEndpointId;
use tokio::task::{JoinError, JoinSet};

/// Attempts under way; dropped with them.
#[derive(Default)]
pub(super) struct OnTheWay {
    tasks: JoinSet<WebhookEndpointId>,
    to: HashMap<WebhookEndpointId, i64>,
}

impl OnTheWay {
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn counts(&self) -> Vec<(WebhookEndpointId, i64)> {
        self.to.iter().map(|(endpoint, count)| (*endpoint, *count)).collect()
    }

    pub(super) fn start(&mut self, endpoint: WebhookEndpointId, attempt: impl Future<Output = ()> + Send + 'static) {
        *self.to.entry(endpoint).or_default() += 1;
        self.tasks.spawn(async move {
            attempt.await;
            endpoint
        });
    }

    /// Takes back what has come back.
    pub(super) fn take_back(&mut self) {
        while let Some(back) = self.tasks.try_join_next() {
            self.note(back);
        }
    }

    /// Waits for one.
    pub(super) async fn one_back(&mut self) {
        if let Some(back) = self.tasks.join_next().await {
            self.note(back);
        }
    }

    /// Waits for all.
    pub(super) async fn all_back(&mut self) {
        while let Some(back) = self.tasks.join_next().await {
            self.note(back);
        }
    }

    fn note(&mut self, back: Result<WebhookEndpointId, JoinError>) {
        match back {
            Ok(endpoint) => {
                self.to.entry(endpoint).and_modify(|count| *count -= 1);
                self.to.retain(|_, count| *count > 0);
            }
            // Its lease runs out, and it is sent again as after a crash.
            Err(error) => tracing::error!(error = %error, "an attempt broke off"),
        }
        // Those that broke off left no name.
        if self.tasks.is_empty() {
            self.to.clear();
        }
    }
}
