//! Rehearsals of a policy on recorded logins.

mod mutations;
mod types;

pub use mutations::SimulationMutation;
pub(crate) use types::{PolicySimulation, load_simulation};
