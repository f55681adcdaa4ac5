//! What every layer speaks: typed identifiers, time and randomness as parameters, secrets that do
//! not print, and the two ways in which a command does not succeed.
//!
//! Nothing here knows async, SQL or HTTP.

mod clock;
mod entropy;
mod fold;
mod ids;
mod page;
mod redacted;
mod stop;

pub use clock::{Clock, ManualClock, SystemClock};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use fold::{IdentifierError, MAX_EXTERNAL_ID_CHARS, fold_identifier, trim_identifier};
pub use ids::*;
pub use page::{Cursor, MAX_PAGE_SIZE, Page, PageRequest};
pub use redacted::Redacted;
pub use stop::{Fault, Refusal, RefusalCode, Refusals, Stop};

/// An instant in UTC, as everything is stored.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
