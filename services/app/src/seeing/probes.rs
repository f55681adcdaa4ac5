//! What is read when a scrape asks: nothing here waits for anything.

use core_crypto::KeyPurpose;
use edge_http::Gateway;
use io_meters::{Table, Word};
use io_traces::SpanCounts;
use svc_platform::{Keys, meter_cache};

use crate::wiring::Wiring;

/// Has the parts of a process that know something tell it.
pub(crate) fn measure(wiring: &Wiring, spans: Option<SpanCounts>) {
    let meters = &wiring.platform.meters;
    meters.build_info.at([env!("CARGO_PKG_VERSION")]).set(1.0);
    // What has not happened yet is told as zero, so that an alarm sees the first time.
    meters.secrets_refused.at([]).add(0);
    meters.audit_sealed.at([]).add(0);
    for why in ["spending_cap", "fraud_guard"] {
        meters.messages_held_back.at([why]).add(0);
    }
    let keys = wiring.platform.keys.clone();
    meter_cache(meters, "data_key", move || keys.data_key_stats());
    let wiring = wiring.clone();
    meters.on_scrape(move |table| {
        pool(table, &wiring);
        limits(table, &wiring);
        key_ring(table, &wiring);
        if let Some(spans) = &spans {
            table.spans.at(["exported"]).raise_to(spans.exported());
            table.spans.at(["failed"]).raise_to(spans.failed());
        }
    });
}

/// Of a process that has subscribers.
pub(crate) fn measure_lines(wiring: &Wiring, gateway: &Gateway) {
    let gateway = gateway.clone();
    wiring.platform.meters.on_scrape(move |table| table.subscription_lines.at([]).set(number(gateway.open_lines())));
}

fn pool(table: &Table, wiring: &Wiring) {
    let pool = wiring.platform.database.pool_use();
    for (state, connections) in [("in_use", pool.in_use), ("idle", pool.idle), ("max", pool.most)] {
        table.database_connections.at([state]).set(number(connections));
    }
}

fn limits(table: &Table, wiring: &Wiring) {
    for limit in wiring.limits.usage() {
        table.limits_refused.at([limit.name]).raise_to(limit.refused);
        table.limits_shed.at([limit.name]).raise_to(limit.shed);
        table.limits_keys.at([limit.name]).set(number(limit.keys));
    }
    if let Some(shared) = wiring.limits.shared_usage() {
        table.limits_shared_connected.at([]).set(f64::from(u8::from(shared.connected)));
        table.limits_shared_asked.at(["answered"]).raise_to(shared.answered);
        table.limits_shared_asked.at(["unanswered"]).raise_to(shared.unanswered);
    }
}

/// Which keys make something new: an installation that rotates shows when each process has taken it up.
fn key_ring(table: &Table, wiring: &Wiring) {
    let (keys, now): (&Keys, _) = (&wiring.platform.keys, wiring.platform.now());
    let ring = keys.ring();
    table.keys_in_use.clear();
    for purpose in KeyPurpose::ALL {
        let id = ring.current(purpose).id().to_string();
        table.keys_in_use.with([purpose.as_str().into(), Word::fixed_at_start(&id)]).set(1.0);
    }
    if let Some(since) = keys.signs_since(now) {
        table.signing_key_age.at([]).set((now - since).as_seconds_f64());
    }
}

#[expect(clippy::cast_precision_loss, reason = "no process has 2^53 of anything")]
fn number(count: usize) -> f64 {
    count as f64
}
