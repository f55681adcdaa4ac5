//! One attempt at one message: made ready, then handed to the first provider on its route that takes
//! it. A sure refusal goes on to the next at once; from the first doubt on nobody else is asked within
//! the attempt, because then somebody may have it.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{MessageId, TenantId};
use io_meters::Meters;
use io_traces::spans;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::verdict::{Circumstances, Verdict, verdict};
use crate::carriers::{Carriers, Wanted, Way};
use crate::meters;
use crate::model::MessageChannel;
use crate::preparation::{Preparation, Prepared, Unsent, one_line};
use crate::providers::{Carrier, Found, Outcome, Report};
use crate::routes::{Health, Sampler, Switch};
use crate::store::{ClaimedRow, Settlement};

/// A provider that takes longer is not well, even if it answers.
const SLOW: Duration = Duration::from_millis(2_500);

/// What attempts are made with.
pub(super) struct Attempts {
    pub(super) preparation: Preparation,
    pub(super) carriers: Carriers,
    pub(super) switch: Arc<Switch>,
    pub(super) sampler: Sampler,
    pub(super) meters: Meters,
}

/// What is known of the attempt before this one.
enum Doubt {
    /// It was taken.
    Taken(Carrier, String, Report),
    /// Nobody took it, or it surely does not arrive.
    Cleared,
    /// Somebody could tell, and does not answer.
    Unheard,
    /// Nobody can tell.
    Stays,
}

/// How far a message got on its route.
struct Journey {
    /// Who answered last.
    carrier: Carrier,
    outcome: Outcome,
    /// Whether a doubt will be cleared by a report, or by asking.
    reports: bool,
    can_be_asked: bool,
    /// Who refused it before.
    refusals: Vec<(Carrier, String)>,
}

impl ClaimedRow {
    pub(crate) fn is_code(&self) -> bool {
        self.template == "code"
    }

    fn circumstances(&self, reports: bool, can_be_asked: bool) -> Circumstances {
        Circumstances {
            attempt: self.attempt,
            doubts: self.doubts,
            is_code: self.is_code(),
            reports,
            can_be_asked,
            now: self.now,
            expires_at: self.expires_at,
        }
    }

    fn is_sandbox(&self) -> bool {
        self.environment == "SANDBOX"
    }
}

impl Attempts {
    /// Never fails: whatever happens becomes the message's record. Its steps are boxed: a debug build keeps
    /// all of them on the stack.
    pub(super) async fn make(&self, row: ClaimedRow) -> Settlement {
        let channel = MessageChannel::from_text(&row.channel).map_or("OTHER", MessageChannel::as_str);
        let span = spans::message(channel, &row.template, row.attempt, row.origin);
        let settlement = self.settle(row).instrument(span.clone()).await;
        spans::became(&span, settlement.status);
        settlement
    }

    async fn settle(&self, row: ClaimedRow) -> Settlement {
        match Box::pin(self.prepare(&row)).await {
            Ok((prepared, ways)) => {
                let units = Some(prepared.outgoing.units.into());
                Settlement { units, ..Box::pin(self.send(&row, prepared, ways)).await }
            }
            Err(Unsent::Never(reason)) => settlement(&row, None, Verdict::failed(reason)),
            Err(Unsent::NotNow(fault)) => {
                tracing::warn!(message_id = %MessageId(row.message_id), error = %fault, "cannot be prepared now");
                let later = Outcome::NotNow("It could not be prepared at the moment.".to_owned());
                settlement(&row, None, verdict(later, row.circumstances(false, false)))
            }
        }
    }

    async fn prepare(&self, row: &ClaimedRow) -> Result<(Prepared, Vec<Way>), Unsent> {
        let prepared = self.preparation.prepare(row).await?;
        let outgoing = &prepared.outgoing;
        let wanted = Wanted {
            sandbox: row.is_sandbox(),
            tenant: TenantId(row.tenant_id),
            channel: outgoing.channel,
            country: outgoing.country.as_deref(),
        };
        let mut ways = Box::pin(self.carriers.ways(&wanted)).await.map_err(Unsent::NotNow)?;
        if ways.is_empty() {
            return Err(Unsent::Never("No provider serves this country."));
        }
        self.switch.order(&mut ways, |way| &way.key);
        Ok((prepared, ways))
    }

    async fn send(&self, row: &ClaimedRow, prepared: Prepared, mut ways: Vec<Way>) -> Settlement {
        let harmless = ways.iter().all(|way| way.provider.repeats_are_harmless());
        if row.doubts > 0 && !harmless {
            match self.look_up(row, &prepared, &ways).await {
                Doubt::Taken(carrier, reference, report) => return found(row, carrier, reference, &report),
                Doubt::Unheard if row.doubts > 1 => {
                    let later = Outcome::NotNow("Its provider does not say whether it has it.".to_owned());
                    return settlement(row, None, verdict(later, row.circumstances(true, true)));
                }
                Doubt::Stays if row.doubts > 1 => {
                    let failed = Verdict::failed("It may have been sent twice already, and nobody knows.");
                    return settlement(row, None, failed);
                }
                Doubt::Unheard | Doubt::Stays | Doubt::Cleared => {}
            }
            // By another, if there is one.
            ways.sort_by_key(|way| Some(way.key.carrier.as_str()) == row.doubted_provider.as_deref());
        }
        let journey = self.travel(row, &prepared, &ways).await;
        self.record(row, prepared, journey)
    }

    /// Asks those who may have it. After a doubt on record that is one; after a crash any of the route.
    async fn look_up(&self, row: &ClaimedRow, prepared: &Prepared, ways: &[Way]) -> Doubt {
        let Some(since) = row.doubted_since else { return Doubt::Stays };
        let suspect = row.doubted_provider.as_deref().filter(|_| !row.in_doubt);
        let mut doubt = Doubt::Cleared;
        for way in ways.iter().filter(|way| suspect.is_none_or(|carrier| way.key.carrier.as_str() == carrier)) {
            if !way.provider.can_be_asked() {
                doubt = Doubt::Stays;
                continue;
            }
            match way.provider.look_up(&prepared.outgoing, since).await {
                // It did not arrive, and will not: that is no doubt any more.
                Found::NotThere | Found::Taken(_, Report::Failed { .. }) => {}
                Found::Taken(reference, report) => return Doubt::Taken(way.key.carrier, reference, report),
                Found::Unknown if matches!(doubt, Doubt::Cleared) => doubt = Doubt::Unheard,
                Found::Unknown => {}
            }
        }
        doubt
    }

    /// Along the route until somebody takes it, or may have.
    async fn travel(&self, row: &ClaimedRow, prepared: &Prepared, ways: &[Way]) -> Journey {
        let mut refusals: Vec<(Carrier, Outcome)> = Vec::new();
        for way in ways {
            // Where there is no other way, even a bad one is tried.
            if ways.len() > 1 && !self.switch.admit(&way.key) {
                continue;
            }
            let outcome = self.hand_over(way, prepared).await;
            if matches!(outcome, Outcome::Refused(_) | Outcome::NotNow(_)) {
                refusals.push((way.key.carrier, outcome));
                continue;
            }
            if ways.len() > 1 && matches!(outcome, Outcome::Accepted(_) | Outcome::Delivered) {
                self.follow(row, way);
            }
            let refusals = refusals.into_iter().map(|(carrier, outcome)| (carrier, said(outcome))).collect();
            let (reports, can_be_asked) = (way.provider.reports(), way.provider.can_be_asked());
            return Journey { carrier: way.key.carrier, outcome, reports, can_be_asked, refusals };
        }
        refused_by_all(refusals, ways)
    }

    async fn hand_over(&self, way: &Way, prepared: &Prepared) -> Outcome {
        let Ok(_place) = way.places.try_acquire() else {
            return Outcome::NotNow("Too many messages are with this provider.".to_owned());
        };
        let (provider, channel) = (way.key.carrier.as_str(), prepared.outgoing.channel.as_str());
        let (span, begun) = (spans::attempt(provider, channel), Instant::now());
        let outcome = way.provider.send(&prepared.outgoing).instrument(span.clone()).await;
        meters::asked(&self.meters, [provider, channel], &outcome, begun.elapsed());
        spans::settled(&span, meters::name_of(&outcome), matches!(outcome, Outcome::NotNow(_) | Outcome::InDoubt(_)));
        let health = match &outcome {
            Outcome::NotNow(_) | Outcome::InDoubt(_) => Health::Bad,
            _ if begun.elapsed() > SLOW => Health::Bad,
            Outcome::Refused(_) => Health::Refusing,
            Outcome::Delivered | Outcome::Accepted(_) | Outcome::OptedOut(_) => Health::Good,
        };
        self.switch.note(&way.key, health);
        outcome
    }

    /// Whether this code is ever typed tells what this way is worth.
    fn follow(&self, row: &ClaimedRow, way: &Way) {
        if let Some(challenge) = row.challenge_id.filter(|_| row.is_code()) {
            self.sampler.follow(way.key.clone(), row.tenant_id, challenge);
        }
    }

    fn record(&self, row: &ClaimedRow, prepared: Prepared, journey: Journey) -> Settlement {
        let mut verdict = verdict(journey.outcome, row.circumstances(journey.reports, journey.can_be_asked));
        verdict.detail = verdict.detail.map(|detail| prepared.presentable(&detail));
        let notes = journey.refusals.iter().map(|(_, said)| prepared.presentable(said)).collect();
        // What a LIVE tenant's users are sent is not kept.
        let body = row.is_sandbox().then(|| prepared.outgoing.text.text.into_exposed());
        Settlement { notes, body, ..settlement(row, Some(journey.carrier), verdict) }
    }
}

/// The sentence of a refusal.
fn said(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(said) | Outcome::NotNow(said) | Outcome::OptedOut(said) | Outcome::InDoubt(said) => said,
        Outcome::Delivered | Outcome::Accepted(_) => String::new(),
    }
}

/// Whoever said "not now" may say yes later: one such answer keeps the message alive.
fn refused_by_all(mut refusals: Vec<(Carrier, Outcome)>, ways: &[Way]) -> Journey {
    let alive = refusals.iter().rposition(|(_, outcome)| matches!(outcome, Outcome::NotNow(_)));
    let closed = refusals.len() < ways.len();
    let (carrier, outcome) = match alive.or(refusals.len().checked_sub(1)) {
        Some(at) if alive.is_some() || !closed => refusals.remove(at),
        _ => {
            let carrier = ways.first().map_or(Carrier::Sandbox, |way| way.key.carrier);
            (carrier, Outcome::NotNow("No provider takes messages at the moment.".to_owned()))
        }
    };
    let refusals = refusals.into_iter().map(|(carrier, outcome)| (carrier, said(outcome))).collect();
    Journey { carrier, outcome, reports: false, can_be_asked: false, refusals }
}

/// The attempt before this one had been taken after all.
fn found(row: &ClaimedRow, carrier: Carrier, reference: String, report: &Report) -> Settlement {
    let verdict = match report {
        Report::Delivered => verdict(Outcome::Delivered, row.circumstances(true, true)),
        _ => verdict(Outcome::Accepted(None), row.circumstances(true, true)),
    };
    let settlement = settlement(row, Some(carrier), Verdict { reference: Some(one_line(&reference)), ..verdict });
    Settlement { attempt: row.attempt - 1, reported: true, ..settlement }
}

fn settlement(row: &ClaimedRow, carrier: Option<Carrier>, verdict: Verdict) -> Settlement {
    Settlement {
        tenant: row.tenant_id,
        month: row.month,
        message: row.message_id,
        attempt: row.attempt,
        reported: false,
        status: verdict.status.as_str(),
        doubt: verdict.doubt,
        retry_seconds: verdict.retry_seconds,
        provider: carrier.map(Carrier::as_str),
        reference: verdict.reference,
        notes: Vec::new(),
        detail: verdict.detail,
        opted_out: verdict.opted_out,
        body: None,
        units: None,
    }
}
