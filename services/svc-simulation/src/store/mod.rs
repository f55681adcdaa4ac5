//! All SQL of simulations.

mod claims;
mod history;
mod locked_out;
mod people;
mod simulations;

pub(crate) use claims::{Claim, claim, complete, delete_over, fail, give_back, keep, tenants_with_simulations};
pub(crate) use history::{PageOfLogins, SentCodes, list_logins, list_phones, list_sent_codes, read_only};
pub(crate) use locked_out::{delete_locked_out, insert_locked_out, list_locked_out};
pub(crate) use people::list_people;
pub(crate) use simulations::{Head, NewSimulation, SimulationRow, cancel, find_unfinished, insert, load_head, lookup};
