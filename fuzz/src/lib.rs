//! What the fuzz targets share: how an input is made of bytes, and how a target is run.
//!
//! A target is a function of a [`Source`]. It makes of its bytes what a stranger might send, well-formed for the most
//! part, since plain noise is refused at the first character and never gets to what lies behind. Bytes that found a
//! fault are therefore a whole test: they are kept under `tests/__fuzz__/TARGET/crashes`, and run again for ever.
//!
//! | how | what runs |
//! |---|---|
//! | `cargo test` | corpus, crashes, and the same few thousand inputs each time, from a seed |
//! | `POSTERN_FUZZ_SECONDS=60` | bolero draws inputs as long as that, other ones each time; a failure prints its seed |
//! | `cargo bolero test -p fuzz TARGET` | a fuzzer that sees what is covered (libFuzzer, the one of cargo-fuzz), by hand |
//!
//! To add one: a function in `tests/inputs/`, a line in `tests/inputs.rs`, and a folder with a seed for its corpus.

mod run;
mod source;

pub use run::{inputs_of, run, time_to_explore};
pub use source::Source;
