//! The audit log's hash chain: each entry's hash covers the one before it, and heads of the chain are
//! signed now and then, so that whoever holds an export can prove that nothing in it was changed.
//!
//! * [`Entry`] and [`Seal`]: what is told, and what seals it. What may have to be erased one day (who,
//!   from where, in which words) goes into the hash as a commitment with a salt of its own: once salt and
//!   words are gone, the hash tells nothing of them, and the chain still holds.
//! * [`Head`]: "the log of this tenant has come so far, and this is its hash", signed by the key that
//!   signs assertions.
//! * [`Line`]: an entry with its seal as an export writes it.
//! * [`Verifier`]: reads an export line by line, and says what is wrong with it and where.
//!
//! The chain is made a second after the entries, by whoever gets to it (svc-audit): its order is that of
//! sealing. Hashes have no key. Whoever can rewrite a database can compute them anew, but not sign the
//! heads: so an export is compared with what was signed, and best with heads that were kept elsewhere.

mod canonical;
mod entry;
mod finding;
mod gaps;
mod head;
mod line;
mod verify;

pub use entry::{Entry, Hash, SALT_LEN, Salt, Seal, genesis};
pub use finding::{Finding, Wrong};
pub use head::{HEAD_TYP, Head};
pub use line::{Line, LineError};
pub use verify::{MOST_FINDINGS, Report, Verifier};
