//! The policy seen from outside, in one binary.

mod common;
mod methods;
mod properties;
mod publishing;
mod rollout;
mod stored;
mod table;
mod template;
