//! Days that an installation should survive: a scenario is a file in `load-tests/scenarios` — how many
//! gateways, what is asked of them and how often from second to second, what goes wrong and when, what
//! must hold — and what it needs of code is one of the [`act`]s.
//!
//! The load is open: each login is due at an instant fixed beforehand, and its wait is counted from that
//! instant, however late it was begun. Rates are shares of what the same installation answers in a closed
//! loop just before, so that a scenario asks as much of a small machine as of a large one.
//!
//! To add one: a file, and where something new happens a variant of [`plan::Act`] with its code in [`act`].

pub mod act;
pub mod histogram;
pub mod logins;
pub mod open;
pub mod plan;
pub mod report;
pub mod run;
pub mod schedule;
pub mod svg;
pub mod timeline;
