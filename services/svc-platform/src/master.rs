//! Where the master key comes from, and the key itself as this process knows it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use core_crypto::{MasterKey, OpenError};

use crate::KeysError;

/// A master key that is being read; a sentence where it cannot be.
pub type MasterRead = Pin<Box<dyn Future<Output = Result<MasterKey, String>> + Send>>;

/// From where the master key is read: a file, the environment, a key service's command.
#[derive(Clone)]
pub struct MasterSource(Arc<dyn Fn() -> MasterRead + Send + Sync>);

impl MasterSource {
    /// A source that is asked again whenever a key does not open.
    #[must_use]
    pub fn new(read: impl Fn() -> MasterRead + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// A key that is what it is.
    #[must_use]
    pub fn fixed(master: MasterKey) -> Self {
        Self::new(move || Box::pin(std::future::ready(Ok(master.clone()))))
    }

    async fn read(&self) -> Result<MasterKey, KeysError> {
        (self.0)().await.map_err(KeysError::Master)
    }
}

/// The master key as it was read last.
pub(crate) struct Master {
    source: MasterSource,
    key: RwLock<MasterKey>,
}

impl Master {
    pub(crate) async fn read(source: MasterSource) -> Result<Self, KeysError> {
        let key = RwLock::new(source.read().await?);
        Ok(Self { source, key })
    }

    pub(crate) fn current(&self) -> MasterKey {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens something; where it lies under another key the master key is read anew, and it is tried once more.
    pub(crate) async fn opening<T>(&self, open: impl Fn(&MasterKey) -> Result<T, KeysError>) -> Result<T, KeysError> {
        match open(&self.current()) {
            Err(KeysError::Open(OpenError::OtherKey)) => {
                let key = self.source.read().await?;
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = key.clone();
                open(&key)
            }
            opened => opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use core_crypto::SealContext;
    use core_kernel::SeededEntropy;

    use super::*;

    #[tokio::test]
    async fn a_key_that_came_later_is_read_when_it_is_needed() {
        let entropy = SeededEntropy::new(1);
        let (old, new) = (MasterKey::generate(&entropy), MasterKey::generate(&entropy));
        let place = SealContext::platform("crypto_key", "CODE/1", "sealed");
        let sealed = new.seal(&place, b"x", &entropy);
        let file = Arc::new(Mutex::new(old));
        let reads = file.clone();
        let source = MasterSource::new(move || Box::pin(std::future::ready(Ok(reads.lock().unwrap().clone()))));
        let master = Master::read(source).await.unwrap();
        let open = |key: &MasterKey| Ok(key.open(&place, &sealed)?);
        assert!(matches!(master.opening(open).await, Err(KeysError::Open(OpenError::OtherKey))));
        *file.lock().unwrap() = new.clone();
        assert_eq!(master.opening(open).await.unwrap().as_slice(), b"x");
        assert_eq!(master.current().id(), new.id());
    }

    #[tokio::test]
    async fn a_source_that_fails_says_why() {
        let source = MasterSource::new(|| Box::pin(std::future::ready(Err("no such file".to_owned()))));
        assert_eq!(
            Master::read(source).await.err().unwrap().to_string(),
            "the master key cannot be read: no such file"
        );
    }
}
