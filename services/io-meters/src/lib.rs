//! What this process counts and times, for Prometheus and whatever reads its formats.
//!
//! There is one table ([`METERS`]); fields, exposition and docs/metrics.md are made from it. Three things
//! go wrong with metrics, and each is ruled out here:
//!
//! * *Series without end.* A label's value is a [`Word`]: a text of the source, or one that the schema or
//!   the router fixed when the process began. There is no way from a client's text, a tenant or a user to
//!   a label.
//! * *A cost on the hot path.* Whoever counts often holds a handle ([`Counter`], [`Histogram`]), which is
//!   an atomic addition or one uncontended lock. Finding a handle allocates nothing once it is known.
//! * *A global.* A registry belongs to a platform, so that two of them in one process, as in tests, do not
//!   count into each other.
//!
//! What others know already (a pool's connections, a cache's hits) is not counted again: a *probe* reads
//! it when a scrape asks ([`Meters::on_scrape`]).
//!
//! To add one: a line in `table.rs`, the place that counts it, and `postern metrics reference`.

mod buckets;
mod families;
mod handles;
mod meters;
mod process;
mod reference;
mod samples;
mod table;
mod words;

pub use buckets::{Buckets, Delay, Duration, Score, Size};
pub use families::{Counters, Family, Gauges, Histograms, Totals};
pub use handles::{Counter, Gauge, Histogram, Sample, Total};
pub use meters::{Exposition, Meters};
pub use reference::render as reference;
pub use samples::{Bucket, Exemplar, Sampled, Series};
pub use table::{METERS, Meter, Table};
pub use words::Word;
