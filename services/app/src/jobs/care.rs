//! Keeping nothing longer than it may, and counts of what there was. Every worker does it: there is no leader to lose.

use svc_lifecycle::Caretaker;
use tokio::time::Instant;

use super::{HOUR, Jobs, MINUTE};
use crate::wiring::Wiring;

impl Jobs {
    /// Erases what was deleted, removes what is over, and counts logins that can change no more.
    pub(crate) fn take_care(&mut self, wiring: &Wiring, caretaker: Caretaker) {
        let (directory, platform) = (wiring.directory.clone(), wiring.platform.clone());
        let erasing = caretaker.clone();
        self.until_stopped(async move {
            loop {
                if let Err(error) = directory.finish_erasures(platform.now()).await {
                    tracing::warn!(error = %error, "could not look after users who were erased");
                }
                if let Err(error) = erasing.erase_tenants().await {
                    tracing::warn!(error = %error, "could not erase a deleted tenant; it goes on later");
                }
                tokio::time::sleep(5 * MINUTE).await;
            }
        });
        let logins = wiring.logins.clone();
        self.until_stopped(async move {
            loop {
                if let Err(error) = logins.settle_all_counts().await {
                    tracing::warn!(error = %error, "could not count the logins of the last hours");
                }
                tokio::time::sleep(HOUR).await;
            }
        });
        self.until_stopped(async move {
            loop {
                // From hour to hour, however long it takes: none may be left out, since each is some tenants' turn.
                let began = Instant::now();
                let pause = if keep_terms(&caretaker).await { HOUR } else { MINUTE };
                tokio::time::sleep_until(began + pause).await;
            }
        });
    }
}

/// Removes what is over; false where it could not be done, and is to be tried again soon.
async fn keep_terms(caretaker: &Caretaker) -> bool {
    let swept = caretaker.sweep_in_turn().await;
    match &swept {
        Ok(swept) if swept.0.is_empty() => {}
        Ok(swept) => tracing::info!(?swept, "removed what is over"),
        Err(error) => tracing::warn!(error = %error, "could not remove what is over"),
    }
    let retired = caretaker.retire_partitions().await;
    if let Err(error) = &retired {
        tracing::warn!(error = %error, "could not drop the months whose time is over");
    }
    swept.is_ok() && retired.is_ok()
}
