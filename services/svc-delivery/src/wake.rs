//! Waking workers in other processes.

use std::time::Duration;

use core_kernel::PLATFORM_TENANT;
use io_postgres::{Change, Topic, publish};
use svc_platform::Platform;

/// NOTIFY takes a lock of the whole database at commit: one for all messages of this long.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// Passes the platform's bell on to workers elsewhere, until the task is dropped. For processes
/// without a [`crate::DeliveryWorker`]; where there is one, it listens to the bell itself, and passing
/// it on would tell everybody what one process is doing already.
///
/// Which tenant's messages they are is not told: whoever wakes looks for work everywhere.
pub async fn notify_workers(platform: Platform) {
    loop {
        platform.messages_queued.notified().await;
        if let Err(error) = publish(&platform.database, Change::of_tenant(Topic::Messages, PLATFORM_TENANT)).await {
            // Workers poll: a lost wake-up costs a quarter of a second.
            tracing::warn!(error = %error, "could not wake the workers");
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}
