//! What did not open where it stands.
//!
//! A value that was changed, or moved from another row, tenant or column, is somebody's work on the database, or a
//! broken disk. The process's log tells of each at once; here they wait to be put on record in the tenant's
//! own log. Few are kept: whoever can make one can make many.

use std::sync::{Arc, Mutex, PoisonError};

use core_crypto::{OpenAlarm, OpenError, SealContext};
use tokio::sync::Notify;

/// The most that wait; more are in the process's log alone.
const MOST: usize = 100;

/// A value that did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands.
    pub place: SealContext,
    /// Why it did not.
    pub error: OpenError,
}

/// Those that wait. Cheap to clone.
#[derive(Clone, Default)]
pub struct Alarms(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    refused: Mutex<Vec<Refused>>,
    rung: Notify,
}

impl Alarms {
    fn raise(&self, refused: Refused) {
        let SealContext { tenant, table, row, column } = refused.place;
        tracing::error!(tenant_id = %tenant, table, row = %row, column, error = %refused.error, "ALARM: a sealed value does not open");
        let mut waiting = self.0.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST && !waiting.contains(&refused) {
            waiting.push(refused);
            self.0.rung.notify_one();
        }
    }

    /// Takes those that wait; nothing where none does.
    #[must_use]
    pub fn take(&self) -> Vec<Refused> {
        std::mem::take(&mut *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the next.
    pub async fn rung(&self) {
        self.0.rung.notified().await;
    }
}

/// What a key tells of, told here.
pub(crate) fn alarm(alarms: &Alarms) -> OpenAlarm {
    let alarms = alarms.clone();
    Arc::new(move |place, error| alarms.raise(Refused { place: *place, error }))
}

#[cfg(test)]
mod tests {
    use core_kernel::TenantId;
    use uuid::Uuid;

    use super::*;

    fn place(row: u128) -> SealContext {
        SealContext {
            tenant: TenantId(Uuid::nil()),
            table: "factor",
            row: Uuid::from_u128(row),
            column: "secret_sealed",
        }
    }

    #[tokio::test]
    async fn each_is_told_once_and_a_flood_is_bounded() {
        let alarms = Alarms::default();
        let raise = alarm(&alarms);
        (0..500).for_each(|row| raise(&place(row % 250), OpenError::Refused));
        alarms.rung().await;
        let taken = alarms.take();
        assert_eq!((taken.len(), taken[7].place), (MOST, place(7)));
        assert_eq!(alarms.take(), []);
    }
}
