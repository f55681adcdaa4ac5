//! Reading what administrators type. Each function gives the value as it is stored, or a sentence
//! for the person; the caller adds the field.

mod branding;
mod language;
mod return_address;
mod return_urls;
mod text;

pub(crate) use branding::{read_branding, read_webauthn};
pub use language::read_language;
pub use return_address::return_address;
pub(crate) use return_urls::read_return_urls;
pub use return_urls::return_url_allowed;
pub use text::read_name;
pub(crate) use text::{MAX_NAME_CHARS, read_slug, read_time_zone};

use core_kernel::{Refusal, Refusals};

/// A sentence for whoever typed it.
pub(crate) type Complaint = String;

/// Collects the faults of one input, so that all are told at once.
#[derive(Default)]
pub(crate) struct Checks(Refusals);

impl Checks {
    /// The value, unless it was complained about.
    pub(crate) fn take<T>(&mut self, path: &str, read: Result<T, Complaint>) -> Option<T> {
        read.map_err(|message| self.0.push(Refusal::invalid(path, message))).ok()
    }

    /// The same for a field that may be left out.
    pub(crate) fn take_opt<T, U>(
        &mut self,
        path: &str,
        given: Option<T>,
        read: impl FnOnce(T) -> Result<U, Complaint>,
    ) -> Option<U> {
        given.and_then(|given| self.take(path, read(given)))
    }

    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    pub(crate) fn refuse_all(&mut self, refusals: Refusals) {
        self.0.extend(refusals);
    }

    /// Nothing, or every fault.
    pub(crate) fn done(self) -> Result<(), Refusals> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
