//! Who they are, and what befalls them in the month.

use core_policy::UserKind;

/// Days before today, the first the earlier.
pub(super) type Days = (i64, i64);

/// One person of the demo.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) kind: UserKind,
    pub(super) mobile: &'static str,
    /// Where the person mostly logs in from.
    pub(super) home: &'static str,
    /// Logs in from there instead, on each workday of these.
    pub(super) elsewhere: Option<(&'static str, Days)>,
    /// On this day somebody else has the password, and is there: abroad, or at a weekend it would not show.
    pub(super) thief: Option<(&'static str, i64)>,
}

/// Everybody. The addresses are the demo's: Minneapolis (also the staff's office), San Francisco,
/// London and behind Tor there, Boston, Sydney; and one of a mobile network, which no map knows.
pub(super) const PEOPLE: [Person; 12] = [
    client("Ines Moreau", "+16125550101", "192.0.2.31").away("203.0.113.18", (18, 15)),
    client("Paul Becker", "+16125550102", "192.0.2.47"),
    client("Grace Osei", "+14155550103", "198.51.100.18").robbed("203.0.113.200", 9),
    client("Henry Walsh", "+14155550104", "198.51.100.77").away("192.0.2.140", (13, 10)),
    client("Mina Sato", "+14155550105", "198.51.100.91").away("2001:db8:2::91", (8, 4)),
    client("Luis Ortega", "+12125550106", "2001:db8:1:14::6"),
    client("Nadia Petrov", "+12125550107", "203.0.113.52").robbed("2001:db8:2::66", 5),
    client("Owen Clarke", "+16125550108", "192.0.2.88").away("203.0.113.231", (14, 11)),
    staff("Tara Singh", "+16125550109", "192.0.2.10"),
    staff("Ben Carver", "+16125550110", "192.0.2.10").robbed("203.0.113.66", 12),
    staff("Zoe Martin", "+16125550111", "192.0.2.11").away("198.51.100.150", (20, 14)),
    staff("Noah Fields", "+16125550112", "192.0.2.12").away("100.64.0.9", (11, 8)),
];

const fn client(name: &'static str, mobile: &'static str, home: &'static str) -> Person {
    Person { name, kind: UserKind::External, mobile, home, elsewhere: None, thief: None }
}

const fn staff(name: &'static str, mobile: &'static str, home: &'static str) -> Person {
    Person { kind: UserKind::Internal, ..client(name, mobile, home) }
}

impl Person {
    const fn away(self, address: &'static str, days: Days) -> Self {
        Self { elsewhere: Some((address, days)), ..self }
    }

    const fn robbed(self, address: &'static str, day: i64) -> Self {
        Self { thief: Some((address, day)), ..self }
    }

    /// Where the person is on that day before today, if not at home.
    pub(super) fn elsewhere_on(&self, day: i64) -> Option<&'static str> {
        self.elsewhere.filter(|(_, (first, last))| (*last..=*first).contains(&day)).map(|(address, _)| address)
    }

    /// As the tenant's own identifier of the person.
    pub(super) fn external_id(&self) -> String {
        self.name.to_lowercase().replace(' ', ".")
    }
}
