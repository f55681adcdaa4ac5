//! What the platform's own parts tell a scrape.

use io_cache::CacheStats;
use io_meters::Meters;

/// Has a cache tell how often something was found in it.
pub fn meter_cache(meters: &Meters, name: &'static str, stats: impl Fn() -> CacheStats + Send + Sync + 'static) {
    meters.on_scrape(move |table| {
        let now = stats();
        table.cache_lookups.at([name, "hit"]).raise_to(now.hits);
        table.cache_lookups.at([name, "miss"]).raise_to(now.misses);
        #[expect(clippy::cast_precision_loss, reason = "no cache holds 2^53 entries")]
        table.cache_entries.at([name]).set(now.entries as f64);
    });
}
