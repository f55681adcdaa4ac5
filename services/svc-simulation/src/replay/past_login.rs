//! A login as it was recorded, read from its row without copying more than is needed: a simulation
//! reads a million of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use core_kernel::Timestamp;
use core_policy::{FirstFactor, LoginOutcome, LoginPurpose};
use sqlx::postgres::{PgRow, PgValueFormat};
use sqlx::{Row, ValueRef};
use svc_logins::Given;
use uuid::Uuid;

/// All that decided a login, and how.
#[derive(Debug, Clone)]
pub(crate) struct PastLogin {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) purpose: LoginPurpose,
    pub(crate) first_factor: FirstFactor,
    pub(crate) outcome: LoginOutcome,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) at: Timestamp,
    pub(crate) given: Given,
}

/// The columns that [`PastLogin::read`] reads, by their place.
macro_rules! past_login_columns {
    () => {
        "l.login_id, l.user_id, l.purpose, l.first_factor, l.outcome, l.ip_address, l.created_at, l.facts"
    };
}
pub(crate) use past_login_columns;

impl PastLogin {
    /// The identifier, whether the rest can be read or not.
    pub(crate) fn id_of(row: &PgRow) -> Result<Uuid, sqlx::Error> {
        row.try_get(0)
    }

    /// None where the facts were not kept, or are written in words that this version does not know.
    pub(crate) fn read(row: &PgRow) -> Result<Option<Self>, sqlx::Error> {
        let facts = row.try_get_raw(7)?;
        if facts.is_null() {
            return Ok(None);
        }
        let given = serde_json::from_slice(facts.as_bytes().map_err(sqlx::Error::Decode)?).ok();
        let (purpose, first_factor) = (LoginPurpose::parse(row.try_get(2)?), FirstFactor::parse(row.try_get(3)?));
        let outcome = LoginOutcome::parse(row.try_get(4)?);
        let (Some(purpose), Some(first_factor), Some(outcome), Some(given)) = (purpose, first_factor, outcome, given)
        else {
            return Ok(None);
        };
        let (id, user) = (Self::id_of(row)?, row.try_get(1)?);
        Ok(Some(Self { id, user, purpose, first_factor, outcome, ip: address(row)?, at: row.try_get(6)?, given }))
    }
}

fn address(row: &PgRow) -> Result<Option<IpAddr>, sqlx::Error> {
    let raw = row.try_get_raw(5)?;
    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    Ok(match raw.format() {
        PgValueFormat::Binary => read_inet(bytes),
        PgValueFormat::Text => std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()),
    })
}

/// PostgreSQL's `inet` as it is sent in binary: family, bits, a flag, length, address.
fn read_inet(bytes: &[u8]) -> Option<IpAddr> {
    let (_, address) = bytes.split_at_checked(4)?;
    if let Ok(octets) = <[u8; 4]>::try_from(address) {
        return Some(Ipv4Addr::from(octets).into());
    }
    <[u8; 16]>::try_from(address).ok().map(|octets| Ipv6Addr::from(octets).into())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use core_policy::{UserFacts, UserKind};

    /// An ordinary login of a user without any factor.
    pub(in crate::replay) fn login() -> PastLogin {
        PastLogin {
            id: Uuid::from_u128(1),
            user: Uuid::from_u128(2),
            purpose: LoginPurpose::SignIn,
            first_factor: FirstFactor::Password,
            outcome: LoginOutcome::Allow,
            ip: None,
            at: chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            given: Given { user: UserFacts::new(UserKind::External), suspended: false, risk: None },
        }
    }

    #[test]
    fn addresses_are_read_as_they_are_sent() {
        assert_eq!(read_inet(&[2, 32, 0, 4, 192, 0, 2, 7]), Some("192.0.2.7".parse().unwrap()));
        let mut six = vec![3, 128, 0, 16, 0x20, 0x01, 0x0d, 0xb8];
        six.extend([0; 11]);
        six.push(1);
        assert_eq!(read_inet(&six), Some("2001:db8::1".parse().unwrap()));
        for broken in [&[][..], &[2, 32, 0], &[2, 32, 0, 4, 1, 2, 3]] {
            assert_eq!(read_inet(broken), None, "{broken:?}");
        }
    }
}
