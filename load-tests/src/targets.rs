//! Logins that wait for their codes, written in bulk so that a measurement of one step spends nothing
//! on the steps before it.

use anyhow::Context;
use chrono::Duration;
use core_crypto::{CodePurpose, CodeSubject, KeyPurpose, KeyRing, derive_code};
use core_kernel::{ChallengeId, Clock, Entropy, LoginId, SystemClock, SystemEntropy};
use core_policy::MethodChannel;
use svc_logins::MethodId;

use crate::copy::copy;
use crate::database::BenchDatabase;
use crate::seed::{Population, SeededUser, array};
use crate::usual;

/// The digits of the codes.
const DIGITS: u8 = 6;

/// One login with a challenge whose code is known.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The user, with the tenant.
    pub user: SeededUser,
    /// The login.
    pub login: LoginId,
    /// The challenge.
    pub challenge: ChallengeId,
    /// The right code.
    pub code: [u8; DIGITS as usize],
}

impl Target {
    /// The right code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// The method of a text to the user's phone.
    #[must_use]
    pub fn method(&self) -> MethodId {
        MethodId { login: self.login, user: self.user.id, subject: self.user.phone.0, channel: MethodChannel::Sms }
    }
}

/// Writes `count` logins of users drawn at random, with a challenge each unless `logins_only`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn prepare(
    database: &BenchDatabase,
    population: &Population,
    count: usize,
    logins_only: bool,
) -> anyhow::Result<Vec<Target>> {
    let ring = database.platform(&database.app_url).await?.keys.ring();
    let targets: Vec<Target> = draw(population, count).map(|user| target(population, &ring, user)).collect();
    let mut connection = database.superuser().await?;
    let (now, later) = (SystemClock.now(), SystemClock.now() + Duration::hours(6));
    let tenant = |target: &Target| population.tenants[target.user.tenant as usize].id.0;
    let columns = "login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version, ip_address, user_agent, max_attempts, created_at, expires_at, country, city, latitude, longitude, accuracy_km, local_hour, seen)";
    let usual = usual::attempt(now);
    let place = usual.origin.position.context("a usual login has a position")?;
    let (seen, city) = (array(&usual.seen_keys()), usual.origin.city.clone().unwrap_or_default());
    copy(&mut connection, columns, &targets, |row, target| {
        row.uuid(tenant(target)).text(&target.login.month().to_string()).uuid(target.login.0).uuid(target.user.id.0);
        row.text("SIGN_IN").text("PASSWORD").text("CHALLENGE").text("{HIGH_LEVEL}").text("HIGH").number(1);
        row.text(usual::ADDRESS).text(usual::USER_AGENT).number(5).time(now).time(later);
        row.text("US").text(&city).text(&place.latitude.to_string()).text(&place.longitude.to_string());
        row.text(&place.accuracy_km.to_string()).number(usual.hour.into()).text(&seen);
    })
    .await?;
    if logins_only {
        return Ok(targets);
    }
    let key = i64::from(ring.current(KeyPurpose::Code).id());
    let columns = "challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose, code_key_id, digits, created_at, expires_at, channel, sms_sends, sms_sent_at)";
    copy(&mut connection, columns, &targets, |row, target| {
        row.uuid(tenant(target))
            .text(&target.challenge.month().to_string())
            .uuid(target.challenge.0)
            .uuid(target.user.id.0);
        row.text(&target.login.month().to_string())
            .uuid(target.login.0)
            .uuid(target.user.phone.0)
            .text("CODE")
            .text("LOGIN");
        row.number(key).number(DIGITS.into()).time(now).time(later).text("SMS").number(1).time(now);
    })
    .await?;
    Ok(targets)
}

/// The numbers below `count`, in random order.
#[must_use]
pub fn shuffled(count: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, below(last + 1));
    }
    order
}

/// Users at random; every user once before any comes twice, as long as that can be.
fn draw(population: &Population, count: usize) -> impl Iterator<Item = SeededUser> {
    shuffled(population.size.users).into_iter().cycle().take(count).map(|n| population.users[n as usize])
}

/// A number below `bound`, even enough for shuffling.
fn below(bound: usize) -> usize {
    let mut bytes = [0_u8; 8];
    SystemEntropy.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % bound as u64).unwrap_or_default()
}

fn target(population: &Population, ring: &KeyRing, user: SeededUser) -> Target {
    let now = SystemClock.now();
    let challenge = ChallengeId::new(&SystemEntropy, now);
    let tenant = population.tenants[user.tenant as usize].id;
    let subject = CodeSubject { tenant, challenge, purpose: CodePurpose::Login };
    let mut code = [0; DIGITS as usize];
    code.copy_from_slice(derive_code(ring.current(KeyPurpose::Code), &subject, DIGITS).as_bytes());
    Target { user, login: LoginId::new(&SystemEntropy, now), challenge, code }
}
