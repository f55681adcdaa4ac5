//! Touches: "look at this again". Whoever changed something that somebody may be watching says so
//! after the commit; a process that has watchers reads the thing anew, in the watcher's own tenant and
//! with the watcher's own rights.
//!
//! Nothing but tenant and identifier travels: whoever may listen to the database's notifications
//! learns no more than that something happened. NOTIFY takes a lock of the whole database when it
//! commits, so that many touches share one ([`publish_touches`]).

use core_kernel::TenantId;
use uuid::Uuid;

use crate::{ChangeEvent, Database, DbError, NoTenant};

pub(crate) const CHANNEL: &str = "postern_touch";
/// PostgreSQL's limit for a payload is 8,000 bytes.
const MAX_PAYLOAD: usize = 7_900;
const WATCHING: &str = "watching";
const ALL: &str = "all";

/// What kind of thing was touched.
///
/// To add one: a variant, its line in `THINGS`, a touch after each commit that changes such a thing,
/// and a field of `Subscription` that watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// A challenge of a login or an enrollment.
    Challenge,
    /// A text, call or mail.
    Message,
    /// A request for temporary access.
    TemporaryAccess,
    /// An import's progress.
    Import,
}

const THINGS: [(Thing, &str); 4] = [
    (Thing::Challenge, "challenge"),
    (Thing::Message, "message"),
    (Thing::TemporaryAccess, "temporary_access"),
    (Thing::Import, "import"),
];

/// One thing to look at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Touch {
    /// What kind of thing.
    pub thing: Thing,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub id: Uuid,
}

impl Touch {
    /// A thing of a tenant's.
    #[must_use]
    pub fn new(thing: Thing, tenant: TenantId, id: impl Into<Uuid>) -> Self {
        Self { thing, tenant, id: id.into() }
    }

    fn line(self) -> String {
        let name = THINGS.iter().find(|(thing, _)| *thing == self.thing).map_or("", |(_, name)| name);
        format!("{name} {} {}", self.tenant.0.simple(), self.id.simple())
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (name, tenant, id) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (thing, _) = *THINGS.iter().find(|(_, known)| *known == name)?;
        words.next().is_none().then_some(Self { thing, tenant: TenantId(tenant), id })
    }
}

/// What a process tells all others at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// What was touched.
    pub touches: Vec<Touch>,
    /// More was touched than could be kept: whoever watches looks at everything.
    pub everything: bool,
    /// The process that tells, where somebody watches there: touches elsewhere are worth telling then.
    pub watching: Option<Uuid>,
}

impl Announcement {
    fn payloads(&self) -> Vec<String> {
        let watching = self.watching.map(|process| format!("{WATCHING} {}", process.simple()));
        let words = watching.into_iter().chain(self.everything.then(|| ALL.to_owned()));
        let mut payloads: Vec<String> = Vec::new();
        for line in words.chain(self.touches.iter().map(|touch| touch.line())) {
            match payloads.last_mut().filter(|last| last.len() + 1 + line.len() <= MAX_PAYLOAD) {
                Some(last) => {
                    last.push('\n');
                    last.push_str(&line);
                }
                None => payloads.push(line),
            }
        }
        payloads
    }
}

/// Tells all processes, this one included, in one commit.
///
/// # Errors
/// When the database cannot be reached; the change holds all the same, and is seen when it is next
/// looked at.
pub async fn publish_touches(database: &Database, announcement: &Announcement) -> Result<(), DbError> {
    let payloads = announcement.payloads();
    if payloads.is_empty() {
        return Ok(());
    }
    let tell = async {
        let mut connection = NoTenant::acquire(database).await?;
        sqlx::query("select pg_notify($1, payload) from unnest($2::text[]) as payload")
            .bind(CHANNEL)
            .bind(payloads)
            .execute(connection.connection())
            .await?;
        connection.commit().await
    };
    database.in_time(tell).await
}

/// What a payload says. A kind of thing that only a newer version knows concerns nobody here.
pub(crate) fn heard(payload: &str) -> impl Iterator<Item = ChangeEvent> {
    payload.split('\n').filter_map(|line| match line.split_once(' ') {
        None if line == ALL => Some(ChangeEvent::LookAgain),
        Some((WATCHING, process)) => process.parse().ok().map(ChangeEvent::Watching),
        _ => Touch::parse(line).map(ChangeEvent::Touched),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(thing: Thing, id: u128) -> Touch {
        Touch::new(thing, TenantId(Uuid::from_u128(7)), Uuid::from_u128(id))
    }

    fn told(announcement: &Announcement) -> Vec<ChangeEvent> {
        announcement.payloads().iter().flat_map(|payload| heard(payload).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn what_is_told_is_heard() {
        let touches: Vec<_> = THINGS.iter().zip(1..).map(|((thing, _), id)| touch(*thing, id)).collect();
        let announcement = Announcement { touches: touches.clone(), everything: true, watching: Some(Uuid::max()) };
        let mut expected = vec![ChangeEvent::Watching(Uuid::max()), ChangeEvent::LookAgain];
        expected.extend(touches.into_iter().map(ChangeEvent::Touched));
        assert_eq!(told(&announcement), expected);
        assert!(told(&Announcement::default()).is_empty());
    }

    #[test]
    fn many_share_a_payload_and_none_is_too_long() {
        let touches: Vec<_> = (0..1_000).map(|id| touch(Thing::TemporaryAccess, id)).collect();
        let announcement = Announcement { touches, ..Announcement::default() };
        let payloads = announcement.payloads();
        assert!((10..15).contains(&payloads.len()), "{}", payloads.len());
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        assert_eq!(told(&announcement).len(), 1_000);
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let [tenant, id] = [Uuid::from_u128(1).simple(), Uuid::from_u128(2).simple()];
        for line in [
            String::new(),
            "challenge".into(),
            format!("challenge {tenant}"),
            format!("challenge {tenant} x"),
            format!("challenge {tenant} {id} more"),
            format!("comet {tenant} {id}"),
        ] {
            assert_eq!(heard(&line).count(), 0, "{line}");
        }
        assert_eq!(heard(&format!("comet {tenant} {id}\nchallenge {tenant} {id}")).count(), 1);
    }

    #[test]
    fn nothing_but_identifiers_travels() {
        let line = touch(Thing::Challenge, 9).line();
        assert!(line.chars().all(|c| c.is_ascii_hexdigit() || c == ' ' || "challenge".contains(c)), "{line}");
    }
}
