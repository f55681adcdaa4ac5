//! A tenant's key.

use std::fmt;
use std::sync::Arc;

use core_kernel::{Entropy, TenantId};
use zeroize::Zeroizing;

use super::{MasterKey, random_secret};
use crate::seal::{Aes, HEADER_LEN, OpenError, SealContext};

/// Hears of every value that did not open, before whoever asked for it does.
pub type OpenAlarm = Arc<dyn Fn(&SealContext, OpenError) + Send + Sync>;

/// A tenant's key. Cheap to clone; it seals for its own tenant alone.
#[derive(Clone)]
pub struct DataKey {
    tenant: TenantId,
    id: i16,
    aes: Arc<Aes>,
    /// Others of the tenant's, which open what they sealed.
    others: Arc<[Arc<Aes>]>,
    alarm: Option<OpenAlarm>,
}

impl DataKey {
    /// A new key, numbered `id` within the tenant.
    #[must_use]
    pub fn generate(tenant: TenantId, id: i16, entropy: &dyn Entropy) -> Self {
        Self::from_secret(tenant, id, random_secret(entropy))
    }

    fn from_secret(tenant: TenantId, id: i16, secret: Zeroizing<[u8; 32]>) -> Self {
        let [high, low] = id.to_be_bytes();
        Self { tenant, id, aes: Aes::new([0, 0, high, low], secret), others: Arc::new([]), alarm: None }
    }

    /// The same key, which also opens what these sealed.
    #[must_use]
    pub fn with_others(self, others: impl IntoIterator<Item = Self>) -> Self {
        Self { others: others.into_iter().map(|other| other.aes).collect(), ..self }
    }

    /// The same key, which tells of what does not open: whoever can write to a database can put one row's
    /// secret in another's place, and should not do so unheard.
    #[must_use]
    pub fn with_alarm(self, alarm: OpenAlarm) -> Self {
        Self { alarm: Some(alarm), ..self }
    }

    /// The key as it is stored: sealed under the master key.
    #[must_use]
    pub fn wrapped(&self, master: &MasterKey, entropy: &dyn Entropy) -> Vec<u8> {
        master.seal(&SealContext::of_data_key(self.tenant, self.id), &*self.aes.secret, entropy)
    }

    /// Reads a stored key.
    ///
    /// # Errors
    /// When it is malformed, sealed under another master key, changed, or another tenant's.
    pub fn from_wrapped(master: &MasterKey, tenant: TenantId, id: i16, wrapped: &[u8]) -> Result<Self, OpenError> {
        let bytes = master.open(&SealContext::of_data_key(tenant, id), wrapped)?;
        let secret = bytes.as_slice().try_into().map_err(|_| OpenError::Malformed)?;
        Ok(Self::from_secret(tenant, id, Zeroizing::new(secret)))
    }

    /// Its number within the tenant.
    #[must_use]
    pub fn id(&self) -> i16 {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What everything that it seals begins with, and nothing that another key of the tenant's sealed.
    #[must_use]
    pub fn header(&self) -> [u8; HEADER_LEN] {
        self.aes.header()
    }

    /// Seals `plaintext` for its place, which must be one of this tenant's.
    ///
    /// # Panics
    /// In debug builds, when the place is another tenant's: such a value would never be found again.
    #[must_use]
    pub fn seal(&self, context: &SealContext, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        debug_assert_eq!(context.tenant, self.tenant, "a tenant's key seals for that tenant");
        self.aes.seal(context, plaintext, entropy)
    }

    /// Opens what [`DataKey::seal`] made for the same place.
    ///
    /// # Errors
    /// When it is malformed, sealed under another key, changed or moved.
    pub fn open(&self, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let named = self.others.iter().find(|key| key.is_named_by(sealed));
        let opened = named.unwrap_or(&self.aes).open(context, sealed);
        if let (Err(error), Some(alarm)) = (&opened, &self.alarm) {
            alarm(context, *error);
        }
        opened
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({}, {}, [redacted])", self.tenant, self.id)
    }
}
