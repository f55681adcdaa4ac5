//! Metrics on their way to a collector that speaks OTLP.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use core_kernel::{Redacted, SystemClock};
use io_collector::{Push, PushOptions};
use io_meters::{Meters, Sample};
use testkit::otlp::metric::Data;
use testkit::otlp::{Metric, number_data_point};
use testkit::{Behaviour, CollectorStandIn};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn push(collector: &CollectorStandIn, meters: &Meters, every: Duration) -> (CancellationToken, JoinHandle<()>) {
    let options = PushOptions {
        endpoint: format!("{}/", collector.url()),
        authorization: Some(Redacted::new("Bearer s3cret".to_owned())),
        every,
        resource: vec![("service.name", "postern-test".to_owned())],
        clock: Arc::new(SystemClock),
    };
    let push = Push::new(options, meters.clone()).unwrap();
    let stop = CancellationToken::new();
    let told = stop.clone();
    (stop, tokio::spawn(async move { push.run(told).await }))
}

fn named<'a>(metrics: &'a [Metric], name: &str) -> &'a Data {
    metrics.iter().find(|metric| metric.name == name).and_then(|metric| metric.data.as_ref()).unwrap()
}

#[tokio::test]
async fn counters_gauges_and_histograms_arrive_as_they_are_scraped() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let meters = Meters::new();
    meters.http_requests.at(["/graphql", "POST", "2xx"]).add(7);
    meters.limits_keys.at(["login"]).set(2.5);
    let histogram = meters.http_request_duration.at(["/graphql"]);
    histogram.observe(0.0015);
    histogram.observe_in(
        99.0,
        Some(Sample { trace_id: TRACE.to_owned(), at: UNIX_EPOCH + Duration::from_secs(1_700_000_000) }),
    );
    let (stop, pushing) = push(&collector, &meters, Duration::from_millis(50));
    let metrics = collector.wait_for_metrics("figures", |metrics| !metrics.is_empty()).await;
    stop.cancel();
    pushing.await.unwrap();

    let Data::Sum(sum) = named(&metrics, "postern_http_requests_total") else { panic!("no sum") };
    assert!(sum.is_monotonic && sum.aggregation_temporality == 2, "cumulative");
    let point = &sum.data_points[0];
    assert_eq!(point.value, Some(number_data_point::Value::AsDouble(7.0)));
    assert!(point.start_time_unix_nano > 0 && point.time_unix_nano >= point.start_time_unix_nano);
    assert_eq!(
        point.attributes.iter().map(|pair| pair.key.as_str()).collect::<Vec<_>>(),
        ["route", "method", "status"]
    );
    let Data::Gauge(gauge) = named(&metrics, "postern_limits_keys") else { panic!("no gauge") };
    assert_eq!(gauge.data_points[0].value, Some(number_data_point::Value::AsDouble(2.5)));
    let Data::Histogram(histogram) = named(&metrics, "postern_http_request_duration_seconds") else { panic!("none") };
    let point = &histogram.data_points[0];
    assert_eq!((point.count, point.bucket_counts.len()), (2, point.explicit_bounds.len() + 1));
    assert_eq!((point.bucket_counts[1], point.bucket_counts.iter().sum::<u64>()), (1, 2), "not cumulative by bucket");
    assert_eq!(point.exemplars[0].trace_id, u128::from_str_radix(TRACE, 16).unwrap().to_be_bytes());
    assert_eq!(collector.authorization().as_deref(), Some("Bearer s3cret"));
    assert_eq!(collector.services()[0], "postern-test");
}

#[tokio::test]
async fn the_last_figures_are_sent_at_the_end() {
    let collector = CollectorStandIn::start(Behaviour::Takes).await;
    let meters = Meters::new();
    meters.http_requests.at(["/graphql", "POST", "2xx"]).add_one();
    let (stop, pushing) = push(&collector, &meters, Duration::from_secs(3_600));
    stop.cancel();
    pushing.await.unwrap();
    assert!(!collector.metrics().is_empty());
}

#[tokio::test]
async fn a_collector_that_refuses_is_asked_again() {
    let collector = CollectorStandIn::start(Behaviour::Refuses).await;
    let (stop, pushing) = push(&collector, &Meters::new(), Duration::from_millis(20));
    collector.wait_for_requests(3).await;
    stop.cancel();
    pushing.await.unwrap();
}
