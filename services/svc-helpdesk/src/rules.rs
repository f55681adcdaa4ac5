//! The help desk's rules about values, as pure functions.

use chrono::Duration;
use core_access::{AdminRole, Caller, Principal};
use core_contact::EmailAddress;
use core_kernel::{PLATFORM_TENANT, Refusal, Timestamp, fold_identifier};
use svc_directory::UserRecord;

use crate::refusal;

/// How long a temporary access code lives by default, in seconds (SECURITY.md §1).
pub(crate) const DEFAULT_CODE_SECONDS: i64 = 900;
/// A shorter life could run out while it is read over the telephone.
pub(crate) const SHORTEST_CODE_SECONDS: i64 = 600;
/// How long the code of a reset lives where the policy allows it, in seconds: the user may be travelling.
pub(crate) const RESET_CODE_SECONDS: i64 = 86_400;
/// A login with an open request can be completed for this long after it began, in minutes.
pub(crate) const REQUEST_LOGIN_MINUTES: i64 = 60;
/// Requests of one user within an hour.
pub(crate) const REQUESTS_AN_HOUR: i64 = 3;

const MAX_TEXT_CHARS: usize = 500;
const MAX_STATE_CHARS: usize = 512;
const LINK_SECONDS: std::ops::RangeInclusive<i64> = 60..=604_800;

/// A reason, trimmed: it is what an auditor reads in a year.
pub(crate) fn reason(given: &str, refusals: &mut Vec<Refusal>) -> String {
    let trimmed = given.trim();
    if !(1..=MAX_TEXT_CHARS).contains(&trimmed.chars().count()) || has_control(trimmed) {
        refusals.push(Refusal::invalid("reason", "Give a reason, in 1 to 500 characters without control characters."));
    }
    trimmed.to_owned()
}

/// A user's note, trimmed; nothing but spaces is none.
pub(crate) fn note(given: Option<&str>, refusals: &mut Vec<Refusal>) -> Option<String> {
    let trimmed = given.map(str::trim).filter(|note| !note.is_empty())?;
    if trimmed.chars().count() > MAX_TEXT_CHARS || has_control(trimmed) {
        refusals.push(Refusal::invalid("note", "A note has at most 500 characters, without control characters."));
    }
    Some(trimmed.to_owned())
}

/// What comes back with the user, to the letter.
pub(crate) fn state(given: Option<&str>, refusals: &mut Vec<Refusal>) {
    if given.is_some_and(|state| state.chars().count() > MAX_STATE_CHARS || has_control(state)) {
        refusals.push(Refusal::invalid("state", "A state has at most 512 characters, without control characters."));
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// A temporary access code's life, within what the policy allows.
pub(crate) fn code_life(seconds: i64, policy_max: u32, refusals: &mut Vec<Refusal>) -> Duration {
    let max = i64::from(policy_max);
    if !(SHORTEST_CODE_SECONDS..=max).contains(&seconds) {
        let message =
            format!("A code is valid for {SHORTEST_CODE_SECONDS} to {max} seconds under this tenant's policy.");
        refusals.push(Refusal::invalid("validForSeconds", message));
    }
    Duration::seconds(seconds.clamp(0, max))
}

/// The life of a code that answers a request: what the login has left, but 10 to 15 minutes.
pub(crate) fn answer_life(left: Duration, policy_max: u32) -> Duration {
    let shortest = Duration::seconds(SHORTEST_CODE_SECONDS);
    let longest = Duration::seconds(DEFAULT_CODE_SECONDS.min(i64::from(policy_max))).max(shortest);
    left.clamp(shortest, longest)
}

/// A one-time link's life.
pub(crate) fn link_life(seconds: i64, refusals: &mut Vec<Refusal>) -> Duration {
    if !LINK_SECONDS.contains(&seconds) {
        refusals
            .push(Refusal::invalid("validForSeconds", "A link is valid for 60 seconds to 7 days (604800 seconds)."));
    }
    Duration::seconds(seconds.clamp(*LINK_SECONDS.start(), *LINK_SECONDS.end()))
}

/// An ADVISOR helps users in, and leaves their factors to SUPPORT.
pub(crate) fn factor_changes(caller: &Caller, wanted: bool, refusals: &mut Vec<Refusal>) {
    if wanted && caller.administrator().is_some_and(|admin| admin.role == AdminRole::Advisor) {
        refusals.push(refusal::advisor_changes_no_factors());
    }
}

/// Whether a code could be proved at all.
pub(crate) fn is_shut_out(user: &UserRecord, now: Timestamp) -> bool {
    user.disabled || user.lock.is_some_and(|lock| lock.holds(now))
}

/// The operator's command line may help administrators: there is nobody above it.
pub(crate) fn may_help_administrators(caller: &Caller) -> bool {
    matches!(caller.principal, Principal::System)
}

/// In the platform's tenant every user is an administrator somewhere.
pub(crate) fn is_platform(caller: &Caller) -> bool {
    caller.tenant == PLATFORM_TENANT
}

/// The folded texts by which an administrator may stand among the users: the address on record, and
/// an external identifier that is an address.
pub(crate) fn names_of(user: &UserRecord, email: Option<&EmailAddress>) -> Vec<String> {
    let external = fold_identifier(&user.external_id);
    email.map(|email| fold_identifier(email.normalized())).into_iter().chain([external]).collect()
}

/// Whether the caller is the user, also where the caller's role was taken away meanwhile.
pub(crate) fn is_oneself(caller: &Caller, names: &[String]) -> bool {
    caller.administrator().is_some_and(|admin| names.contains(&fold_identifier(&admin.email)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(check: impl FnOnce(&mut Vec<Refusal>)) -> Vec<String> {
        let mut refusals = Vec::new();
        check(&mut refusals);
        refusals.into_iter().flat_map(|refusal| refusal.field).collect()
    }

    #[test]
    fn reasons_are_given_and_readable() {
        for good in ["x", "  called back on the number on record  ", &"é".repeat(500)] {
            assert!(faults(|refusals| assert_eq!(reason(good, refusals), good.trim())).is_empty(), "{good}");
        }
        for bad in ["", " \t ", &"é".repeat(501), "a\u{0}b", "two\nlines"] {
            assert_eq!(faults(|refusals| drop(reason(bad, refusals))), ["reason"], "{bad}");
        }
    }

    #[test]
    fn notes_may_be_left_out() {
        assert_eq!(note(None, &mut Vec::new()), None);
        assert_eq!(note(Some("  "), &mut Vec::new()), None);
        assert_eq!(note(Some(" lost my phone "), &mut Vec::new()).as_deref(), Some("lost my phone"));
        assert_eq!(faults(|refusals| drop(note(Some("a\u{7}"), refusals))), ["note"]);
        assert_eq!(faults(|refusals| drop(note(Some(&"x".repeat(501)), refusals))), ["note"]);
    }

    #[test]
    fn states_come_back_to_the_letter_or_not_at_all() {
        assert!(faults(|refusals| state(Some(&"é".repeat(512)), refusals)).is_empty());
        assert_eq!(faults(|refusals| state(Some(&"x".repeat(513)), refusals)), ["state"]);
        assert_eq!(faults(|refusals| state(Some("a\r\nb"), refusals)), ["state"]);
    }

    #[test]
    fn codes_live_as_long_as_the_policy_allows() {
        for (seconds, fits) in
            [(599, false), (600, true), (7_200, true), (7_201, false), (i64::MAX, false), (-1, false)]
        {
            let found = faults(|refusals| _ = code_life(seconds, 7_200, refusals));
            assert_eq!(found.is_empty(), fits, "{seconds}");
        }
    }

    #[test]
    fn an_answer_lives_ten_to_fifteen_minutes() {
        for (left, policy, expected) in
            [(3_000, 28_800, 900), (700, 28_800, 700), (10, 28_800, 600), (3_000, 600, 600), (0, 600, 600)]
        {
            assert_eq!(answer_life(Duration::seconds(left), policy), Duration::seconds(expected), "{left} {policy}");
        }
    }

    #[test]
    fn links_live_a_minute_to_a_week() {
        for (seconds, fits) in [(59, false), (60, true), (604_800, true), (604_801, false)] {
            assert_eq!(faults(|refusals| _ = link_life(seconds, refusals)).is_empty(), fits, "{seconds}");
        }
    }
}
