//! Rehearsing a policy on the logins of the last weeks, before it is published.
//!
//! Every login's record holds what its decision was made from ([`svc_logins::Given`]), and
//! [`core_policy::decide`] depends on nothing else. A simulation decides each recorded login again, at
//! its own time, under the draft, and tells what would have been different: outcomes, messages and
//! their price, and which users the draft would lock out. It reads logins and changes none.
//!
//! What it answers is *how would these very logins have been decided, had the draft been in force*:
//!
//! * *At once* in a draft means since ever; dates that are given are taken as they are.
//! * What would have followed is not made up. A login that would have been challenged might not have
//!   been completed, and would then not be in anybody's history; a user without a factor might have
//!   enrolled and been asked ever after; a device might not have been trusted. The facts of each login
//!   stay as they were recorded. So do the messages that confirm a new factor, as long as their channel
//!   is allowed: who would have enrolled, and by what, nobody knows.
//! * A user is *locked out* when a login that was not denied would have been, and it would go on: no
//!   factor that the user has today is usable under the draft, or the user's latest login would be
//!   denied for its risk. Whoever has enrolled an app since a text-only login is not locked out by a
//!   draft without texts; whoever is disabled, or locked by a person, was locked out by somebody else.
//! * Prices are list prices, of one unit a message; a SANDBOX, which is never billed, sees them too.
//!
//! A tenant has at most one simulation at a time, and a second one is refused rather than allowed to
//! end the first: two administrators who rehearse must not cancel each other unawares. Simulations run
//! in workers ([`SimulationWorker`]), page by page and newest first; whatever ends a worker costs the
//! work and nothing else, since another begins anew with the same logins.

mod commands;
mod model;
mod queries;
mod refusals;
mod replay;
mod report;
mod simulations;
mod store;
mod worker;

pub use commands::start::SimulatePolicyInput;
pub use model::{Example, Simulation, SimulationStatus, Transition};
pub use simulations::Simulations;
pub use worker::{SimulationOptions, SimulationWorker};
