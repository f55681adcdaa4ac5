//! What messages say. Texts are rendered when they are sent, from files of one language each
//! (`texts/*.toml`); names that people chose for themselves are made harmless first.
//!
//! To add a language: a file beside `en.toml` with the same keys, and a line in `LANGUAGES`.

mod catalog;
mod facts;
mod gsm7;
mod harmless;
mod reminder;
mod render;

pub(crate) use facts::{Branding, Facts};
pub(crate) use gsm7::segments;
pub(crate) use reminder::placeholders;
pub(crate) use render::{Call, Rendered, Texts};

#[cfg(test)]
mod tests;
