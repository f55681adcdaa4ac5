//! Fetching a logo: one request, and what may come of it.

use std::time::Duration;

use io_outbound::{Failure, Outbound, Target};

use crate::picture::redraw;

const ACCEPT: &str = "image/png, image/webp, image/jpeg";
const MINUTE: Duration = Duration::from_secs(60);
/// How long is waited before a host that did not answer is asked again; then it is given up.
const PAUSES: [Duration; 4] =
    [MINUTE, Duration::from_secs(10 * 60), Duration::from_secs(60 * 60), Duration::from_secs(6 * 60 * 60)];

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// For whoever named the logo.
    pub(crate) sentence: String,
    /// Whether the same request may be answered otherwise later.
    pub(crate) may_pass: bool,
}

impl Problem {
    fn lasting(sentence: impl ToString) -> Self {
        Self { sentence: sentence.to_string(), may_pass: false }
    }

    /// After how long it is tried again, having been tried so often; `None`: never.
    pub(crate) fn pause(&self, tries: i16) -> Option<Duration> {
        let tries = usize::try_from(tries).ok()?.checked_sub(1)?;
        PAUSES.get(tries).copied().filter(|_| self.may_pass)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let may_pass = !matches!(failure, Failure::Address | Failure::Size(_));
        Self { sentence: failure.to_string(), may_pass }
    }
}

/// The logo at this address, redrawn.
pub(crate) async fn fetch(outbound: &Outbound, source: &str) -> Result<Vec<u8>, Problem> {
    let target = Target::parse(source, outbound.rules()).map_err(Problem::lasting)?;
    let answer = outbound.get(&target, ACCEPT).await?;
    let status = answer.status;
    if !status.is_success() {
        return Err(refused(status.as_u16()));
    }
    // Unpacking and shrinking take their time, which is nobody else's.
    let redrawn = tokio::task::spawn_blocking(move || redraw(&answer.body)).await;
    redrawn.map_err(|_| Problem::lasting("The picture cannot be read."))?.map_err(Problem::lasting)
}

fn refused(status: u16) -> Problem {
    match status {
        300..=399 => Problem::lasting("The address leads elsewhere. Give the picture's own."),
        429 | 500.. => Problem { sentence: format!("The host answered with {status}."), may_pass: true },
        _ => Problem::lasting(format!("The host answered with {status}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_a_few_times_and_nothing_else_is() {
        let away = Problem::from(Failure::Connect);
        let pauses: Vec<_> = (1..=5).map(|tries| away.pause(tries).map(|pause| pause.as_secs())).collect();
        assert_eq!(pauses, [Some(60), Some(600), Some(3_600), Some(21_600), None]);
        for lasting in [Problem::from(Failure::Address), Problem::from(Failure::Size(1)), refused(302), refused(404)] {
            assert_eq!(lasting.pause(1), None, "{lasting:?}");
        }
        assert!(refused(503).pause(1).is_some() && refused(429).pause(1).is_some());
        assert_eq!(away.pause(0), None);
    }
}
