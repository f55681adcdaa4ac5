//! What is counted, as values, for whoever does not read text. They are read from the text that a scrape is
//! given, so that nobody is told anything else.

use crate::table::{METERS, Meter};

/// A metric with its series, at one moment.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// Which.
    pub meter: &'static Meter,
    /// Its series, in no order.
    pub series: Vec<Series>,
}

/// One series of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Names and values, in the order of the table.
    pub labels: Vec<(&'static str, String)>,
    /// The count of a counter, the value of a gauge, the sum of a histogram.
    pub value: f64,
    /// The buckets of a histogram, ascending; of anything else there are none.
    pub buckets: Vec<Bucket>,
}

/// How many values of a histogram were at most so great.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The greatest of them; infinite for the last bucket.
    pub bound: f64,
    /// How many, with those of the buckets before.
    pub so_far: u64,
    /// The last value with its trace, where there is one.
    pub exemplar: Option<Exemplar>,
}

/// A value and the trace in which it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Exemplar {
    /// The trace, in hexadecimal.
    pub trace_id: String,
    /// The value.
    pub value: f64,
    /// When, in seconds since 1970.
    pub at: f64,
}

/// Reads `OpenMetrics` text of the table's metrics; lines of others are passed over.
pub(crate) fn read(text: &str) -> Vec<Sampled> {
    let mut all: Vec<Sampled> = METERS.iter().map(|meter| Sampled { meter, series: Vec::new() }).collect();
    for line in text.lines().filter(|line| !line.starts_with('#')).filter_map(Line::read) {
        if let Some((sampled, part)) =
            all.iter_mut().find_map(|sampled| part_of(sampled.meter, line.name).map(|part| (sampled, part)))
        {
            sampled.take(line, part);
        }
    }
    all.retain(|sampled| !sampled.series.is_empty());
    all
}

/// What a line says of its series.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Bucket,
    /// It is that of the last bucket.
    Count,
}

/// Which part of a metric has this name, if any has.
fn part_of(meter: &Meter, name: &str) -> Option<Part> {
    let suffix = name.strip_prefix(meter.name)?;
    match (meter.kind, suffix) {
        ("gauge", "") | ("counter", "_total") | ("histogram", "_sum") => Some(Part::Value),
        ("histogram", "_bucket") => Some(Part::Bucket),
        ("histogram", "_count") => Some(Part::Count),
        _ => None,
    }
}

impl Sampled {
    fn take(&mut self, mut line: Line<'_>, part: Part) {
        let bound = (part == Part::Bucket).then(|| line.take_label("le")).flatten();
        let names = self.meter.labels.iter();
        let labels: Vec<_> = names.map(|name| (*name, line.take_label(name).unwrap_or_default())).collect();
        let known = self.series.iter().rposition(|series| series.labels == labels);
        let place = known.unwrap_or_else(|| {
            self.series.push(Series { labels, ..Series::default() });
            self.series.len() - 1
        });
        let Some(series) = self.series.get_mut(place) else { return };
        match (part, bound.and_then(|bound| number(&bound))) {
            (Part::Value, _) => series.value = line.value,
            (Part::Bucket, Some(bound)) => {
                series.buckets.push(Bucket { bound, so_far: whole(line.value), exemplar: line.exemplar() });
            }
            _ => {}
        }
    }
}

/// `name{label="value",…} value`, and behind it an exemplar, perhaps.
struct Line<'a> {
    name: &'a str,
    labels: Vec<(&'a str, String)>,
    value: f64,
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let end = line.find(['{', ' '])?;
        let (name, behind) = line.split_at(end);
        let (labels, behind) = labels(behind)?;
        let behind = behind.trim_start();
        let (value, rest) = behind.split_once(' ').unwrap_or((behind, ""));
        Some(Self { name, labels, value: number(value)?, rest })
    }

    fn take_label(&mut self, name: &str) -> Option<String> {
        let place = self.labels.iter().position(|(known, _)| *known == name)?;
        Some(self.labels.swap_remove(place).1)
    }

    /// `# {trace_id="…"} value time`.
    fn exemplar(&self) -> Option<Exemplar> {
        let (labels, behind) = labels(self.rest.strip_prefix("# ")?)?;
        let trace_id = labels.into_iter().find(|(name, _)| *name == "trace_id")?.1;
        let (value, at) = behind.trim_start().split_once(' ')?;
        Some(Exemplar { trace_id, value: number(value)?, at: number(at)? })
    }
}

type Labels<'a> = Vec<(&'a str, String)>;

/// Labels in braces, if there are any, and what comes behind them.
fn labels(text: &str) -> Option<(Labels<'_>, &str)> {
    let mut found = Vec::new();
    let Some(mut left) = text.strip_prefix('{') else { return Some((found, text)) };
    while !left.starts_with('}') {
        let (name, behind) = left.trim_start_matches(',').split_once("=\"")?;
        let (value, behind) = quoted(behind)?;
        found.push((name, value));
        left = behind;
    }
    Some((found, left.strip_prefix('}')?))
}

/// A text up to its closing quote, and what comes behind that.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(match signs.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        text => text.parse().ok(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a count")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::{Meters, Sample};

    fn series<'a>(all: &'a [Sampled], name: &str) -> &'a [Series] {
        all.iter().find(|sampled| sampled.meter.name == name).map_or(&[], |sampled| &sampled.series)
    }

    #[test]
    fn what_was_counted_is_read_back() {
        let meters = Meters::new();
        meters.http_requests.at(["/graphql", "POST", "2xx"]).add(7);
        meters.http_requests.at(["/graphql", "POST", "5xx"]).add(1);
        meters.limits_keys.at(["a \"quoted\", {braced} \\ name\nof two lines"]).set(2.5);
        let all = meters.sample().unwrap();
        let requests = series(&all, "postern_http_requests");
        let seven = Series {
            labels: vec![("route", "/graphql".to_owned()), ("method", "POST".to_owned()), ("status", "2xx".to_owned())],
            value: 7.0,
            buckets: Vec::new(),
        };
        assert!(requests.len() == 2 && requests.contains(&seven), "{requests:?}");
        let keys = series(&all, "postern_limits_keys");
        assert_eq!(keys.len(), 1);
        assert_eq!(
            (keys[0].labels[0].1.as_str(), keys[0].value),
            ("a \"quoted\", {braced} \\ name\nof two lines", 2.5)
        );
    }

    #[test]
    fn a_histogram_has_its_sum_its_buckets_and_the_last_trace_of_each() {
        let meters = Meters::new();
        let histogram = meters.http_request_duration.at(["/graphql"]);
        histogram.observe(0.0015);
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        histogram.observe_in(99.0, Some(Sample { trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(), at }));
        let all = meters.sample().unwrap();
        let [series] = series(&all, "postern_http_request_duration_seconds") else { panic!("one series: {all:?}") };
        assert!((series.value - 99.0015).abs() < 1e-9);
        let so_far: Vec<u64> = series.buckets.iter().map(|bucket| bucket.so_far).collect();
        assert_eq!((so_far[0], so_far[1], so_far.last()), (0, 1, Some(&2)));
        assert!(series.buckets.windows(2).all(|pair| pair[0].bound < pair[1].bound));
        let last = series.buckets.last().unwrap();
        let trace_id = "0af7651916cd43dd8448eb211c80319c".to_owned();
        assert_eq!(last.exemplar, Some(Exemplar { trace_id, value: 99.0, at: 1_700_000_000.0 }));
    }

    #[test]
    fn no_line_that_a_scrape_is_given_is_lost() {
        let meters = Meters::new();
        meters.http_request_duration.at(["/graphql"]).observe(0.5);
        meters.build_info.at(["1"]).set(1.0);
        let text = meters.expose(crate::Exposition::OpenMetrics).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        let told = |series: &Series| if series.buckets.is_empty() { 1 } else { series.buckets.len() + 2 };
        let sampled: usize = read(&text).iter().flat_map(|sampled| &sampled.series).map(told).sum();
        assert_eq!(sampled, lines);
    }
}
