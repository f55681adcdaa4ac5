//! All SQL of imports.

mod blocks;
mod claims;
mod jobs;
mod refusals;

pub(crate) use blocks::{SealedBlock, delete_blocks, insert_blocks, list_blocks, still_arriving};
pub(crate) use claims::{Claim, Due, Progress, advance, claim, complete, fail, give_back, list_due, sweep};
pub(crate) use jobs::{
    Arrived, JobRow, NewJob, cancel, count_unfinished, delete_receiving, find_header, insert, list, list_of_partner,
    lookup, lookup_of_partner, queue,
};
pub(crate) use refusals::{NewRefusal, RefusalRow, insert_refusals, list_refusals, list_refusals_of};
