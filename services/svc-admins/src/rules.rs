//! What is decided without asking anybody.

use chrono::TimeDelta;
use core_access::AdminRole;
use core_crypto::is_guessable;
use core_kernel::{AdminId, Timestamp};

/// A session that is not used ends (SECURITY.md §1; PCI DSS 8.2.8).
pub(crate) const IDLE: TimeDelta = TimeDelta::minutes(15);
/// A session ends, however much it is used.
pub(crate) const ABSOLUTE: TimeDelta = TimeDelta::hours(12);
/// How long the second step may be waited for.
pub(crate) const HALF_WAY: TimeDelta = TimeDelta::minutes(10);
/// The same where an app is being set up.
pub(crate) const SETTING_UP: TimeDelta = TimeDelta::hours(1);
/// How long an invitation can be accepted.
pub(crate) const INVITATION: TimeDelta = TimeDelta::days(7);
/// When the same invitation may be sent again.
pub(crate) const INVITE_AGAIN: TimeDelta = TimeDelta::hours(1);
/// How many passwords are compared for one address within [`TRIES_WINDOW`].
pub(crate) const PASSWORD_TRIES: i16 = 10;
/// After this the count begins anew.
pub(crate) const TRIES_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// For how long after signing in what is dear may be changed without proving both factors anew.
pub(crate) const FRESH: TimeDelta = TimeDelta::minutes(5);
/// How long whoever is told has to object before an administrator sets up everything anew.
pub(crate) const RESET_AFTER: TimeDelta = TimeDelta::hours(24);
/// How long a link for a new password can be opened.
pub(crate) const RECOVERY: TimeDelta = TimeDelta::minutes(30);
/// How many such links are mailed to one address within [`RECOVERY_WINDOW`].
pub(crate) const RECOVERY_TRIES: i16 = 3;
/// After this the count begins anew.
pub(crate) const RECOVERY_WINDOW: TimeDelta = TimeDelta::hours(1);
/// A session's last use is written down no more often than this: it may seem idle by so much longer.
pub(crate) const TOUCH_AFTER: TimeDelta = TimeDelta::seconds(30);

/// Whether a session still holds.
pub(crate) fn is_alive(last_seen_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> bool {
    now < expires_at && now < last_seen_at + IDLE
}

/// The product's own name: the first that is tried beside the person's.
const PRODUCT: &str = "postern";

/// Whether a password is hardly more than the person's address or name, or ours, in any spelling, and what is tried
/// first.
pub(crate) fn names_the_person(password: &str, email: &str, display_name: Option<&str>) -> bool {
    let name = display_name.unwrap_or_default();
    let words = email.split(['@', '.', '+', '-', '_']).chain(name.split_whitespace()).chain([PRODUCT]);
    let words: Vec<String> = words.map(str::to_owned).collect();
    is_guessable(password, &words)
}

/// Whether users can be assigned to this role.
pub(crate) fn looks_after_users(role: AdminRole) -> bool {
    matches!(role, AdminRole::Owner | AdminRole::Admin | AdminRole::Support | AdminRole::Advisor)
}

/// One OWNER of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) id: AdminId,
    /// Whether they ever signed in: an invitation owns nothing yet.
    pub(crate) has_signed_in: bool,
}

/// Whether a tenant can do without this one of its owners: another is left, and one who has signed
/// in, if any of them ever did.
pub(crate) fn can_do_without(owners: &[Owner], leaving: AdminId) -> bool {
    let mut others = owners.iter().filter(|owner| owner.id != leaving);
    if owners.iter().any(|owner| owner.has_signed_in) {
        others.any(|owner| owner.has_signed_in)
    } else {
        others.next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn owner(id: u128, has_signed_in: bool) -> Owner {
        Owner { id: AdminId(Uuid::from_u128(id)), has_signed_in }
    }

    #[test]
    fn a_tenant_keeps_an_owner_who_can_act() {
        let leaving = owner(1, true);
        assert!(!can_do_without(&[leaving], leaving.id));
        assert!(!can_do_without(&[leaving, owner(2, false)], leaving.id), "an invitation owns nothing");
        assert!(can_do_without(&[leaving, owner(2, true)], leaving.id));
        assert!(can_do_without(&[leaving, owner(2, false)], owner(2, false).id));
        assert!(can_do_without(&[owner(1, false), owner(2, false)], leaving.id), "nobody came yet");
    }

    #[test]
    fn a_password_is_more_than_a_name() {
        let named = |password| names_the_person(password, "ann.lee@meridian.example", Some("Ann Lee"));
        for weak in [
            "ann.lee@meridian.example",
            "Postern-Meridian-1",
            "ANNLEE12345!",
            "meridian-meridian-2026",
            "Ann-qwertyuiop-Lee",
        ] {
            assert!(named(weak), "{weak}");
        }
        for good in ["three blue whales sing", "ann eats purple parsnips", "correct horse battery"] {
            assert!(!named(good), "{good}");
        }
    }

    #[test]
    fn a_session_ends_when_idle_and_at_its_end() {
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let end = start + ABSOLUTE;
        assert!(is_alive(start, end, start + IDLE - TimeDelta::seconds(1)));
        assert!(!is_alive(start, end, start + IDLE));
        assert!(!is_alive(end - TimeDelta::seconds(1), end, end));
    }
}
