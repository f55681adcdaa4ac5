//! How much waits in the outbox, for whoever watches. It is asked of the function by which workers find
//! work, so that it is theirs that is told.

use core_kernel::{Fault, Timestamp, made_at};
use io_postgres::NoTenant;
use svc_platform::Platform;

use crate::store::{ALL_LANES, list_due};

/// What lies in a lane is counted up to here.
const MOST: i32 = 1_000;

/// What is due in one lane, and in nobody's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneQueue {
    /// `phones`, `mail` or `sandbox`.
    pub lane: &'static str,
    /// How many messages, up to a thousand.
    pub due: usize,
    /// When the oldest of those was queued.
    pub oldest: Option<Timestamp>,
}

/// Every lane's.
///
/// # Errors
/// When the database fails.
pub async fn look_at_queues(platform: &Platform) -> Result<Vec<LaneQueue>, Fault> {
    let mut connection = NoTenant::acquire(&platform.database).await?;
    let mut lanes = Vec::new();
    for lane in ALL_LANES {
        let mut ids = list_due(&mut connection, lane, false, MOST).await?;
        ids.extend(list_due(&mut connection, lane, true, MOST).await?);
        let oldest = ids.iter().filter_map(|id| made_at(*id)).min();
        lanes.push(LaneQueue { lane: lane.name, due: ids.len(), oldest });
    }
    Ok(lanes)
}
