//! The table of medians, and where each must lie.

use super::rounds::Rounds;
use crate::figures::{Figures, Gate};

pub(super) fn table(r: &Rounds) -> Figures {
    let mut figures = Figures::default();
    let rate = |name: &str| format!("{:.0}/s", r.get(name));
    let times = |rate: &str, p50: &str, p99: &str| {
        format!("{:.0}/s, p50 {:.2} ms, p99 {:.2} ms", r.get(rate), r.get(p50), r.get(p99))
    };
    let mut ratio = |name: &str, measured: String, above: &str, below: &str, gate| {
        figures.judge(name, measured, r.ratio(above, below), gate);
    };
    ratio(
        "empty GraphQL field / plain JSON",
        format!("{} / {}", rate("empty"), rate("json")),
        "empty",
        "json",
        Gate::AtLeast(0.45, None),
    );
    ratio(
        "verifyChallenge / empty field, 64 connections",
        times("verify", "verify.p50", "verify.p99"),
        "verify",
        "empty",
        Gate::AtLeast(0.4, Some(0.5)),
    );
    ratio(
        "verifyChallenge / pgbench singly, 64 clients",
        rate("pgbench"),
        "verify",
        "pgbench",
        Gate::AtLeast(1.2, None),
    );
    ratio("verifyChallenge / combining off, 64 connections", rate("off"), "verify", "off", Gate::AtLeast(2.5, None));
    ratio(
        "p99 / p50 at 64 connections",
        times("verify", "verify.p50", "verify.p99"),
        "verify.p99",
        "verify.p50",
        Gate::AtMost(3.0),
    );
    ratio(
        "p50 of one connection / pgbench's with one client",
        format!("{:.2} ms / {:.2} ms", r.get("one.p50"), r.get("one.pgbench.p50")),
        "one.p50",
        "one.pgbench.p50",
        Gate::AtMost(3.5),
    );
    ratio(
        "p50 of one connection, combining on / off",
        format!("{:.2} ms / {:.2} ms", r.get("one.p50"), r.get("one.off.p50")),
        "one.p50",
        "one.off.p50",
        Gate::AtMost(1.1),
    );
    ratio(
        "evaluateLogin / empty field",
        times("evaluate", "evaluate.p50", "evaluate.p99"),
        "evaluate",
        "empty",
        Gate::AtLeast(0.15, Some(0.25)),
    );
    ratio(
        "evaluateLogin at STANDARD, all signals, / at HIGH",
        times("standard", "standard.p50", "standard.p99"),
        "standard",
        "evaluate",
        Gate::AtLeast(0.85, None),
    );
    ratio(
        "whole three-call login / empty field",
        times("whole", "whole.p50", "whole.p99"),
        "whole",
        "empty",
        Gate::AtLeast(0.05, Some(0.1)),
    );
    ratio(
        "row-level security on / off (service without HTTP)",
        format!("{} / {}", rate("rls.on"), rate("rls.off")),
        "rls.on",
        "rls.off",
        Gate::AtLeast(0.95, None),
    );
    ratio(
        "many tenants and users / 1 tenant with 1,000 users",
        format!("{} / {}", rate("verify"), rate("small")),
        "verify",
        "small",
        Gate::AtLeast(0.8, None),
    );
    figures.judge("fsync per verify", String::new(), r.get("syncs"), Gate::AtMost(0.1));
    figures.judge("log per verify, bytes without full pages", String::new(), r.get("wal"), Gate::AtMost(500.0));
    figures.judge("round trips per verify", String::new(), r.get("trips"), Gate::AtMost(1.0));
    figures.judge("server's resident memory under load, MB", String::new(), r.max("resident"), Gate::AtMost(100.0));
    figures.judge("start to first answer, s", String::new(), r.get("first_answer"), Gate::AtMost(1.0));
    figures.judge(
        "logins rehearsed by a simulation, a second",
        String::new(),
        r.get("rehearsed"),
        Gate::AtLeast(100_000.0, None),
    );
    figures.judge(
        "p99 of logins beside a simulation / alone",
        format!("{:.2} ms / {:.2} ms", r.get("beside.p99"), r.get("alone.p99")),
        r.ratio("beside.p99", "alone.p99"),
        Gate::AtMost(2.0),
    );
    messages_of(r, &mut figures);
    for (what, [rate, p50, p99]) in [
        ("SCIM create / empty field", ["scim.create", "scim.create.p50", "scim.create.p99"]),
        ("SCIM patch / empty field", ["scim.patch", "scim.patch.p50", "scim.patch.p99"]),
    ] {
        figures.judge(what, times(rate, p50, p99), r.ratio(rate, "scim.empty"), Gate::AtLeast(0.2, None));
    }
    figures.judge("a decision with all signals, µs", String::new(), r.get("decide"), Gate::AtMost(2.0));
    figures.judge("a look-up of an address, µs", String::new(), r.get("locate"), Gate::AtMost(5.0));
    figures
        .tell("flushes per acknowledged batch (2 workers may share one)", format!("{:.2}", r.get("syncs_per_batch")));
    figures.tell("verifyChallenge, open loop at 70 % of its highest rate", times("open", "open.p50", "open.p99"));
    figures.tell("startChallenge, messages sent meanwhile", times("start", "start.p50", "start.p99"));
    figures.tell("empty field with 1 tenant", rate("small.empty"));
    figures
}

/// What the sending of messages costs.
fn messages_of(r: &Rounds, figures: &mut Figures) {
    let carried = format!("{:.0}/s / {:.0}/s", r.get("carried"), r.get("client"));
    figures.judge(
        "messages carried to a provider that answers in 50 ms / its HTTP client alone",
        carried,
        r.ratio("carried", "client"),
        Gate::AtLeast(0.25, None),
    );
    figures.judge("messages carried, a second", String::new(), r.get("carried"), Gate::AtLeast(2_000.0, None));
    figures.judge("worker's resident memory, MB", String::new(), r.max("carried.resident"), Gate::AtMost(100.0));
    figures.judge("the same, second half / first half", String::new(), r.get("carried.growth"), Gate::AtMost(1.2));
    figures.judge("p50 from a code's row to the provider, ms", String::new(), r.get("wait.p50"), Gate::AtMost(20.0));
    figures.judge("p99 from a code's row to the provider, ms", String::new(), r.get("wait.p99"), Gate::AtMost(100.0));
}
