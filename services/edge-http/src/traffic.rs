//! What is counted of requests, by the router's own patterns: there are as many series as routes, whatever
//! paths are asked for.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use io_meters::{Counter, Gauge, Histogram, Meters, Word};

/// Of a path that no route has.
const NO_ROUTE: &str = "none";
/// Any other is `OTHER`.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "OTHER"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is counted of one route; a counter is made when it is needed first.
struct Route {
    name: Word,
    duration: Histogram,
    answers: [[OnceLock<Counter>; CLASSES.len()]; METHODS.len()],
}

/// The requests of one process.
pub(crate) struct Traffic {
    meters: Meters,
    routes: RwLock<HashMap<Box<str>, Arc<Route>>>,
    at_work: Gauge,
}

/// A request that is being answered, until it is dropped.
pub(crate) struct AtWork<'a>(&'a Gauge);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.take_one();
    }
}

impl Traffic {
    pub(crate) fn new(meters: &Meters) -> Self {
        let at_work = meters.http_requests_at_work.at([]);
        Self { meters: meters.clone(), routes: RwLock::default(), at_work }
    }

    /// Counts a request among those at work. A client that leaves drops what this gave.
    pub(crate) fn begin(&self) -> AtWork<'_> {
        self.at_work.add_one();
        AtWork(&self.at_work)
    }

    /// Takes note of an answer; `route` is the router's pattern.
    pub(crate) fn answered(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = self.route(route.unwrap_or(NO_ROUTE));
        let method = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        let answers = route.answers[method][class].get_or_init(|| {
            self.meters.http_requests.with([route.name.clone(), METHODS[method].into(), CLASSES[class].into()])
        });
        answers.add_one();
        route.duration.observe(took.as_secs_f64());
    }

    fn route(&self, pattern: &str) -> Arc<Route> {
        if let Some(known) = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
            return known.clone();
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let name = Word::fixed_at_start(pattern);
            let duration = self.meters.http_request_duration.with([name.clone()]);
            Arc::new(Route { name, duration, answers: Default::default() })
        };
        routes.entry(pattern.into()).or_insert_with(new).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(meters: &Meters, route: &'static str, method: &'static str, class: &'static str) -> u64 {
        meters.http_requests.at([route, method, class]).get()
    }

    #[test]
    fn answers_are_counted_by_route_method_and_class() {
        let meters = Meters::new();
        let traffic = Traffic::new(&meters);
        let answer = |method: &Method, route, status: u16| {
            traffic.answered(method, route, StatusCode::from_u16(status).unwrap(), Duration::from_millis(3));
        };
        answer(&Method::POST, Some("/graphql"), 200);
        answer(&Method::POST, Some("/graphql"), 503);
        answer(&Method::POST, Some("/graphql"), 201);
        answer(&Method::GET, None, 404);
        answer(&Method::from_bytes(b"BREW").unwrap(), None, 405);
        assert_eq!(counted(&meters, "/graphql", "POST", "2xx"), 2);
        assert_eq!(counted(&meters, "/graphql", "POST", "5xx"), 1);
        assert_eq!(counted(&meters, "none", "GET", "4xx"), 1);
        assert_eq!(counted(&meters, "none", "OTHER", "4xx"), 1, "a method is no client's to invent");
    }

    #[test]
    fn who_leaves_is_not_at_work_any_more() {
        let meters = Meters::new();
        let traffic = Traffic::new(&meters);
        let (one, other) = (traffic.begin(), traffic.begin());
        assert!((meters.http_requests_at_work.at([]).get() - 2.0).abs() < f64::EPSILON);
        drop((one, other));
        assert!(meters.http_requests_at_work.at([]).get().abs() < f64::EPSILON);
    }
}
