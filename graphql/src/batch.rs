//! What the rows of a page refer to is asked for together: a page of 25 logins looks up its users by one
//! statement, and takes one connection for them.
//!
//! A field asks for one key. Fields of one request are resolved side by side by one task, so that by the time the
//! task is polled again each has said which key it wants; whoever goes on first asks for all of them. Nothing waits
//! for a clock (async-graphql's own DataLoader does, a millisecond each time), nothing outlives the request, and nothing is
//! remembered: what a mutation changed is read anew.
//!
//! To add one: a field of [`Loaders`](crate::loaders::Loaders), and a query of the service that takes many keys.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{Error, Result};
use futures::future::{BoxFuture, FutureExt as _, Shared};

/// What a batch came to; shared by all who asked.
type Loading<K, V> = Shared<BoxFuture<'static, Result<Arc<HashMap<K, V>>>>>;

/// Batches of one kind of question, within one request.
pub(crate) struct Batches<K, V> {
    latest: Mutex<Option<Batch<K, V>>>,
}

struct Batch<K, V> {
    /// None once they were asked for: whoever comes later begins another batch.
    keys: Arc<Mutex<Option<HashSet<K>>>>,
    loading: Loading<K, V>,
}

impl<K, V> Default for Batches<K, V> {
    fn default() -> Self {
        Self { latest: Mutex::new(None) }
    }
}

impl<K, V> Batches<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// What `load` finds for this key, among those of the fields beside it. All must ask alike: of a batch only the
    /// first one's `load` runs.
    ///
    /// # Errors
    /// Whatever `load` failed with, to all who asked.
    pub(crate) async fn load<F, E>(&self, key: K, load: impl FnOnce(Vec<K>) -> F + Send + 'static) -> Result<Option<V>>
    where
        F: Future<Output = Result<HashMap<K, V>, E>> + Send + 'static,
        E: Into<Error> + 'static,
    {
        let loading = self.join(key.clone(), load);
        // In between the fields beside this one join.
        tokio::task::yield_now().await;
        Ok(loading.await?.get(&key).cloned())
    }

    fn join<F, E>(&self, key: K, load: impl FnOnce(Vec<K>) -> F + Send + 'static) -> Loading<K, V>
    where
        F: Future<Output = Result<HashMap<K, V>, E>> + Send + 'static,
        E: Into<Error> + 'static,
    {
        let mut latest = lock(&self.latest);
        if let Some(batch) = &*latest
            && let Some(keys) = &mut *lock(&batch.keys)
        {
            keys.insert(key);
            return batch.loading.clone();
        }
        let keys = Arc::new(Mutex::new(Some(HashSet::from([key]))));
        let loading = run(keys.clone(), load).boxed().shared();
        *latest = Some(Batch { keys, loading: loading.clone() });
        loading
    }
}

async fn run<K, V, F, E>(
    keys: Arc<Mutex<Option<HashSet<K>>>>,
    load: impl FnOnce(Vec<K>) -> F,
) -> Result<Arc<HashMap<K, V>>>
where
    F: Future<Output = Result<HashMap<K, V>, E>>,
    E: Into<Error>,
{
    let keys = lock(&keys).take().unwrap_or_default();
    load(keys.into_iter().collect()).await.map(Arc::new).map_err(Into::into)
}

/// Nothing panics while it holds one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use core_kernel::Fault;
    use futures::future::join_all;

    use super::*;

    /// Doubles what is even, and counts how often it is asked, and for how much.
    #[derive(Clone, Default)]
    struct Doubles {
        asked: Arc<AtomicUsize>,
        keys: Arc<AtomicUsize>,
    }

    impl Doubles {
        async fn load(self, keys: Vec<u32>) -> Result<HashMap<u32, u32>, Fault> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.keys.fetch_add(keys.len(), Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key * 2)).collect())
        }

        async fn get(&self, batches: &Batches<u32, u32>, key: u32) -> Option<u32> {
            let doubles = self.clone();
            batches.load(key, |keys| doubles.load(keys)).await.unwrap()
        }

        fn counts(&self) -> (usize, usize) {
            (self.asked.load(Ordering::Relaxed), self.keys.load(Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn fields_side_by_side_are_one_question() {
        let (batches, doubles) = (Batches::default(), Doubles::default());
        // More than a hundred, which are polled otherwise than a few; some of them twice.
        let found = join_all((0..150).map(|n| doubles.get(&batches, n % 100))).await;
        assert!(found.iter().zip(0..).all(|(found, n)| *found == (n % 2 == 0).then_some(n % 100 * 2)), "{found:?}");
        assert_eq!(doubles.counts(), (1, 100));
    }

    #[tokio::test]
    async fn nothing_is_remembered() {
        let (batches, doubles) = (Batches::default(), Doubles::default());
        assert_eq!(doubles.get(&batches, 2).await, Some(4));
        assert_eq!(doubles.get(&batches, 2).await, Some(4));
        assert_eq!(doubles.counts(), (2, 2));
    }

    #[tokio::test]
    async fn whoever_goes_on_first_may_go_away() {
        let (batches, doubles) = (Batches::default(), Doubles::default());
        let (mut first, mut second) = (Box::pin(doubles.get(&batches, 2)), Box::pin(doubles.get(&batches, 4)));
        assert!(futures::poll!(&mut first).is_pending() && futures::poll!(&mut second).is_pending());
        // It begins to ask for both, and is given up.
        assert!(futures::poll!(&mut first).is_pending());
        assert_eq!(doubles.counts(), (1, 2));
        drop(first);
        assert_eq!(second.await, Some(8));
        assert_eq!(doubles.counts(), (1, 2));
    }

    #[tokio::test]
    async fn a_fault_is_everybodys() {
        let batches: Batches<u32, u32> = Batches::default();
        let ask = |key| batches.load(key, |_| async { Err::<HashMap<u32, u32>, _>(Fault::Unauthenticated) });
        let found = join_all([ask(1), ask(2)]).await;
        assert!(found.iter().all(Result::is_err), "{found:?}");
    }
}
