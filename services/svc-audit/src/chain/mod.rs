//! The log's hash chain (core-audit says what it proves).
//!
//! Whoever writes an entry seals nothing: a chain in the request's own transaction would have the
//! requests of one tenant wait for each other. A [`Sealer`] in any worker comes a second later, locks the
//! tenant's row in `audit_chain`, and appends what was committed since; several may do so, they take
//! turns. What commits late is sealed late. Heads are signed at intervals, at the end of an export
//! ([`close_chain`]), and where entries are dropped because their time is over ([`set_checkpoint`]).

mod checkpoint;
mod close;
mod heads;
mod lag;
mod seal;
mod sealer;
mod store;

pub use checkpoint::set_checkpoint;
pub use close::{ClosedChain, close_chain};
pub use heads::{list_heads, published_keys};
pub use lag::{SealLag, seal_lag};
pub use seal::seal_tenant;
pub use sealer::Sealer;
pub use store::{SealedEntry, list_sealed};
