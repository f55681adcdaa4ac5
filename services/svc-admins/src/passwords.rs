//! Where passwords are hashed: off the async threads, few at once (each takes 19 MiB), and with few
//! waiting, so that a flood of sign-ins fills neither memory nor the queue of everybody else.

use std::sync::Arc;

use core_kernel::Fault;
use tokio::sync::Semaphore;

const AT_ONCE: usize = 2;
const WAITING: usize = 64;

/// Two hash at a time, 64 wait, the next is told to come back.
#[derive(Clone)]
pub(crate) struct HashingRoom {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for HashingRoom {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE + WAITING)), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl HashingRoom {
    /// Does the work when it is its turn.
    ///
    /// # Errors
    /// UNAVAILABLE where too many wait already.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let _place = self.places.try_acquire().map_err(|_| Fault::Unavailable)?;
        let _turn = self.turns.acquire().await.map_err(Fault::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Fault::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_the_room_full_is_told_to_come_back() {
        let room = HashingRoom::default();
        let everybody = room.places.clone().acquire_many_owned(66).await.unwrap();
        assert!(matches!(room.run(|| 1).await, Err(Fault::Unavailable)));
        drop(everybody);
        assert_eq!(room.run(|| 1).await.unwrap(), 1);
    }
}
