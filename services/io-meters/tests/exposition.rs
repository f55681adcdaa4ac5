//! What a scraper reads.
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use io_meters::{Exposition, METERS, Meters, Sample, Word};

fn told(meters: &Meters, exposition: Exposition) -> String {
    meters.expose(exposition).unwrap()
}

fn line<'a>(text: &'a str, begin: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("no {begin} in\n{text}"))
}

#[test]
fn a_counter_is_told_in_both_formats() {
    let meters = Meters::new();
    meters.login_decisions.at(["ALLOW"]).add(2);
    meters.login_decisions.at(["ALLOW"]).add_one();
    meters.login_decisions.at(["DENY"]).add_one();
    for exposition in [Exposition::OpenMetrics, Exposition::Prometheus] {
        let text = told(&meters, exposition);
        assert_eq!(line(&text, "postern_login_decisions_total{outcome=\"ALLOW\"}").split(' ').nth(1), Some("3"));
        assert_eq!(line(&text, "postern_login_decisions_total{outcome=\"DENY\"}").split(' ').nth(1), Some("1"));
    }
    assert!(told(&meters, Exposition::OpenMetrics).ends_with("# EOF\n"));
    assert!(!told(&meters, Exposition::Prometheus).contains("# EOF"));
}

#[test]
fn only_who_asks_for_openmetrics_gets_exemplars() {
    let meters = Meters::new();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let sample = Sample { trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(), at };
    let histogram = meters.graphql_operation_duration.at(["evaluateLogin"]);
    histogram.observe_in(0.3, Some(sample));
    histogram.observe(0.004);
    let text = told(&meters, Exposition::OpenMetrics);
    let slow = line(&text, "postern_graphql_operation_duration_seconds_bucket{le=\"0.5\",operation=\"evaluateLogin\"}");
    assert!(slow.contains("# {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.3 1790000000"), "{slow}");
    let quick =
        line(&text, "postern_graphql_operation_duration_seconds_bucket{le=\"0.005\",operation=\"evaluateLogin\"}");
    assert!(quick.ends_with(" 1"), "what was not sampled has none: {quick}");
    assert!(!told(&meters, Exposition::Prometheus).contains("trace_id"));
}

#[test]
fn the_format_is_the_one_that_was_asked_for() {
    let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    assert_eq!(Exposition::accepted(prometheus), Exposition::OpenMetrics);
    for plain in ["", "*/*", "text/plain"] {
        assert_eq!(Exposition::accepted(plain), Exposition::Prometheus);
    }
}

#[test]
fn what_others_count_is_read_when_it_is_asked_for_and_never_goes_down() {
    let meters = Meters::new();
    let sequence = std::sync::Mutex::new(vec![5, 3, 9]);
    meters.on_scrape(move |table| {
        let now = sequence.lock().unwrap().remove(0);
        table.limits_refused.at(["api_key"]).raise_to(now);
    });
    let counted = |meters: &Meters| {
        let text = told(meters, Exposition::Prometheus);
        line(&text, "postern_limits_refused_total{limit=\"api_key\"}").split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!([counted(&meters), counted(&meters), counted(&meters)], ["5", "5", "9"]);
}

#[test]
fn a_gauge_that_is_not_true_any_more_can_be_forgotten() {
    let meters = Meters::new();
    meters.keys_in_use.with(["signing".into(), Word::fixed_at_start("k1")]).set(1.0);
    assert!(told(&meters, Exposition::Prometheus).contains("k1"));
    meters.keys_in_use.clear();
    assert!(!told(&meters, Exposition::Prometheus).contains("k1"));
}

#[test]
fn two_registries_do_not_count_into_each_other() {
    let (one, other) = (Meters::new(), Meters::new());
    one.secrets_refused.at([]).add_one();
    assert_eq!((one.secrets_refused.at([]).get(), other.secrets_refused.at([]).get()), (1, 0));
    assert_eq!(one.clone().secrets_refused.at([]).get(), 1, "a clone is the same");
}

#[test]
fn names_and_labels_are_what_prometheus_takes_and_nobodys() {
    let mut names = HashSet::new();
    for meter in METERS {
        assert!(names.insert(meter.name), "{} is there twice", meter.name);
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(plain(meter.name) && meter.labels.iter().all(|label| plain(label)), "{}", meter.name);
        assert!(meter.name.starts_with("postern_") || meter.name.starts_with("process_"), "{}", meter.name);
        assert!(!meter.name.ends_with("_total"), "{}: the encoder adds it", meter.name);
        assert!(!meter.doc.is_empty(), "{}", meter.name);
        for nobodys in ["tenant", "user", "destination", "address", "login", "email", "phone", "path"] {
            assert!(!meter.labels.contains(&nobodys), "{}: series without end", meter.name);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_is_measured() {
    let text = told(&Meters::new(), Exposition::Prometheus);
    let value = |name: &str| line(&text, name).split(' ').nth(1).unwrap().parse::<f64>().unwrap();
    assert!(value("process_resident_memory_bytes ") > 1e5);
    assert!(value("process_open_fds ") >= 3.0 && value("process_max_fds ") >= value("process_open_fds "));
    assert!(value("process_threads ") >= 1.0);
    assert!(value("process_start_time_seconds ") > 1.6e9);
    assert!(value("process_cpu_seconds_total ") >= 0.0);
}

/// The figure of docs/adr/0014; told, and not compared with a clock's.
#[test]
fn what_a_request_pays_is_a_handful_of_additions() {
    let meters = Meters::new();
    let (counter, histogram) = (meters.login_decisions.at(["ALLOW"]), meters.login_risk_score.at([]));
    let begun = std::time::Instant::now();
    for _ in 0..100_000 {
        counter.add_one();
        histogram.observe(12.0);
    }
    println!("a counter and a histogram by their handles: {:?} each", begun.elapsed() / 100_000);
    let begun = std::time::Instant::now();
    for _ in 0..100_000 {
        meters.challenge_proofs.at(["SMS", "OK"]).add_one();
    }
    println!("a counter by its labels: {:?} each", begun.elapsed() / 100_000);
    assert_eq!(counter.get(), 100_000);
}
