//! How unusual a login is, with a sentence for each reason, as pure functions: no clock, no input or
//! output, no randomness. What the login path does, a rehearsal of another policy does again.
//!
//! * [`Attempt`] is the login, [`History`] what is remembered of its user; [`assess()`] compares them.
//! * [`Weights`] say what each signal adds; the table of signals itself is in `signals.rs`.
//! * [`Assessment::risk_score`] is what a policy decides by. It is `None` where the assessment is
//!   inconclusive, and a policy asks where it does not know.
//! * [`Recorded`] is what a login keeps of it, to be judged again at another speed of travel.
//! * [`Seen`] is the memory of countries, networks, devices and addresses, packed for storage.
//!
//! What comes from outside — coordinates of a database, a user agent, stored numbers — may be garbage:
//! it then says nothing, and saying nothing never lets anybody in who would otherwise have been asked.

mod address;
mod assess;
mod attempt;
mod country_names;
mod device;
mod history;
mod names;
mod origin;
mod position;
mod recorded;
mod seen;
mod seen_key;
mod signals;
mod travel;
mod weights;
mod wording;

pub use assess::{Assessment, Finding, Located, MAX_SCORE, assess};
pub use attempt::Attempt;
pub use device::DeviceFamily;
pub use history::{FactorChange, History, LastPosition};
pub use names::SignalKind;
pub use origin::{Anonymizer, Origin};
pub use position::{DEFAULT_ACCURACY_KM, EARTH_RADIUS_KM, Position};
pub use recorded::Recorded;
pub use seen::{SEEN_DAYS, SEEN_PER_KIND, Seen};
pub use seen_key::{SeenKey, day_of};
pub use travel::{MIN_TRAVEL_KM, Travel};
pub use weights::{Weight, WeightError, Weights};
