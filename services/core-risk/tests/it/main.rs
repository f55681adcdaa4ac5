//! Risk seen from outside, in one binary.

mod common;
mod devices;
mod properties;
mod recorded;
mod seen;
mod signals;
mod strategies;
mod travel;
mod unlocated;
