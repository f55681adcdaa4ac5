//! Configuration: `postern.toml`, over which the environment goes.
//!
//! To add a setting: a line in the table of `table.rs`. Its reading, the reference that `postern
//! config reference` prints, docs/configuration.md and the names of the environment follow from it.

mod load;
mod reference;
mod table;
mod value;

pub use load::{ConfigError, Sources, load};
pub use reference::render;
pub use table::{Config, SETTINGS, Setting};
pub use value::{HostPort, LogFormat};
