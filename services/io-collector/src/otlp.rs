//! Figures as OTLP has them (opentelemetry-proto 1.x, `metrics/v1`), translated as the
//! specification's *Prometheus and OpenMetrics Compatibility* says: `_total` stays in a counter's name.

use std::time::Duration;

use core_kernel::Timestamp;
use io_meters::{Exemplar, Sampled, Series};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1 as proto;
use opentelemetry_proto::tonic::metrics::v1::{exemplar, metric, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;

const CUMULATIVE: i32 = proto::AggregationTemporality::Cumulative as i32;

/// From when to when figures are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) begun: Timestamp,
    pub(crate) now: Timestamp,
}

/// One request with everything that was sampled.
pub(crate) fn request(resource: &[(&str, String)], all: &[Sampled], span: Span) -> ExportMetricsServiceRequest {
    let scope = InstrumentationScope { name: "postern".to_owned(), ..Default::default() };
    let metrics = all.iter().map(|sampled| metric_of(sampled, span)).collect();
    let scope_metrics = proto::ScopeMetrics { scope: Some(scope), metrics, ..Default::default() };
    let attributes = resource.iter().map(|(name, value)| attribute(name, value)).collect();
    let resource = Resource { attributes, ..Default::default() };
    let resource_metrics =
        proto::ResourceMetrics { resource: Some(resource), scope_metrics: vec![scope_metrics], ..Default::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}

fn metric_of(sampled: &Sampled, span: Span) -> proto::Metric {
    let meter = sampled.meter;
    let numbers = || sampled.series.iter().map(|series| number_of(series, span)).collect();
    let (suffix, data) = match meter.kind {
        "counter" => {
            let sum = proto::Sum { data_points: numbers(), aggregation_temporality: CUMULATIVE, is_monotonic: true };
            ("_total", metric::Data::Sum(sum))
        }
        "histogram" => {
            let data_points = sampled.series.iter().map(|series| histogram_of(series, span)).collect();
            ("", metric::Data::Histogram(proto::Histogram { data_points, aggregation_temporality: CUMULATIVE }))
        }
        _ => ("", metric::Data::Gauge(proto::Gauge { data_points: numbers() })),
    };
    proto::Metric {
        name: format!("{}{suffix}", meter.name),
        description: meter.doc.to_owned(),
        unit: unit_of(meter.name).to_owned(),
        data: Some(data),
        ..Default::default()
    }
}

/// UCUM's word for the unit at the end of a name.
fn unit_of(name: &str) -> &'static str {
    match name {
        name if name.ends_with("_seconds") => "s",
        name if name.ends_with("_bytes") => "By",
        _ => "",
    }
}

fn number_of(series: &Series, span: Span) -> proto::NumberDataPoint {
    proto::NumberDataPoint {
        attributes: attributes_of(series),
        start_time_unix_nano: nanos(span.begun),
        time_unix_nano: nanos(span.now),
        value: Some(number_data_point::Value::AsDouble(series.value)),
        ..Default::default()
    }
}

/// Prometheus counts what is at most so great; OTLP what is between two bounds, of which the last is infinite and not
/// written.
fn histogram_of(series: &Series, span: Span) -> proto::HistogramDataPoint {
    let so_far: Vec<u64> = series.buckets.iter().map(|bucket| bucket.so_far).collect();
    let before = std::iter::once(0).chain(so_far.iter().copied());
    proto::HistogramDataPoint {
        attributes: attributes_of(series),
        start_time_unix_nano: nanos(span.begun),
        time_unix_nano: nanos(span.now),
        count: so_far.last().copied().unwrap_or_default(),
        sum: Some(series.value),
        bucket_counts: so_far.iter().zip(before).map(|(so_far, before)| so_far.saturating_sub(before)).collect(),
        explicit_bounds: series.buckets.iter().map(|bucket| bucket.bound).filter(|bound| bound.is_finite()).collect(),
        exemplars: series
            .buckets
            .iter()
            .filter_map(|bucket| bucket.exemplar.as_ref())
            .filter_map(exemplar_of)
            .collect(),
        ..Default::default()
    }
}

fn exemplar_of(told: &Exemplar) -> Option<proto::Exemplar> {
    let trace = u128::from_str_radix(&told.trace_id, 16).ok()?;
    let at = Duration::try_from_secs_f64(told.at).ok()?;
    Some(proto::Exemplar {
        trace_id: trace.to_be_bytes().to_vec(),
        time_unix_nano: u64::try_from(at.as_nanos()).unwrap_or(u64::MAX),
        value: Some(exemplar::Value::AsDouble(told.value)),
        ..Default::default()
    })
}

fn attributes_of(series: &Series) -> Vec<KeyValue> {
    series.labels.iter().map(|(name, value)| attribute(name, value)).collect()
}

fn attribute(name: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::StringValue(value.to_owned())) };
    KeyValue { key: name.to_owned(), value: Some(value), ..Default::default() }
}

fn nanos(time: Timestamp) -> u64 {
    time.timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or_default()
}
