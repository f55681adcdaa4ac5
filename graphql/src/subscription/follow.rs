//! Following one thing: the present state first, then each that is found after it was touched.

use std::time::Duration;

use async_graphql::{Error, Result};
use core_kernel::{Fault, Stop};
use futures::future::BoxFuture;
use futures::stream::{StreamExt as _, unfold};
use svc_platform::Watcher;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::Updates;
use crate::errors::not_found;

/// The shortest time between two states: touches that come close together are one.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// The second look, for what another process did before it knew that somebody watches here.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// Later looks by oneself: expiry touches nothing, and a touch can get lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a look finds.
pub(super) struct Seen<T, M> {
    /// What is told.
    pub(super) value: T,
    /// By what a change is recognised where nothing was touched.
    pub(super) mark: M,
    /// What belongs to it and is touched by itself.
    pub(super) also: Vec<Uuid>,
    /// Whether it can change no more.
    pub(super) is_final: bool,
}

/// Looks once; `None` where there is nothing that the caller may see.
pub(super) type Look<T, M> = Box<dyn Fn() -> BoxFuture<'static, Result<Option<Seen<T, M>>, Stop>> + Send + Sync>;

/// The states of one thing.
pub(super) fn follow<T, M>(watcher: Watcher, look: Look<T, M>) -> Updates<T>
where
    T: Send + 'static,
    M: PartialEq + Send + Sync + 'static,
{
    let begun = Follower { watcher, look, mark: None, looked: None, looks: 0, is_over: false };
    unfold(begun, Follower::next).boxed()
}

struct Follower<T, M> {
    watcher: Watcher,
    look: Look<T, M>,
    /// Of the state that was told last.
    mark: Option<M>,
    looked: Option<Instant>,
    looks: u32,
    is_over: bool,
}

impl<T, M: PartialEq> Follower<T, M> {
    async fn next(mut self) -> Option<(Result<T>, Self)> {
        while !self.is_over {
            let touched = self.wait().await;
            match self.look_once().await {
                Ok(Some(seen)) if touched || self.mark.as_ref() != Some(&seen.mark) => {
                    return Some((Ok(self.take(seen)), self));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Some((Err(self.end(not_found())), self)),
                // Whoever has seen a state waits for the next: the database may come back.
                Err(Stop::Fault(Fault::Unavailable)) if self.mark.is_some() => {}
                Err(stop) => return Some((Err(self.end(stop.into())), self)),
            }
        }
        None
    }

    /// Until it is touched, or time to look anyway; whether it was touched.
    async fn wait(&mut self) -> bool {
        let Some(looked) = self.looked else { return true };
        sleep_until(looked + AT_MOST_EVERY).await;
        let patience = if self.looks == 1 { SECOND_LOOK } else { LOOK_EVERY };
        timeout(patience, self.watcher.touched()).await.is_ok()
    }

    async fn look_once(&mut self) -> Result<Option<Seen<T, M>>, Stop> {
        let _turn = self.watcher.turn().await;
        self.looked = Some(Instant::now());
        self.looks = self.looks.saturating_add(1);
        (self.look)().await
    }

    fn take(&mut self, seen: Seen<T, M>) -> T {
        seen.also.into_iter().for_each(|id| self.watcher.also(id));
        self.mark = Some(seen.mark);
        self.is_over = seen.is_final;
        seen.value
    }

    fn end(&mut self, error: Error) -> Error {
        self.is_over = true;
        error
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
