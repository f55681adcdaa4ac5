//! Whether somebody stands between us and the database who hands sessions around.

use sqlx::{Connection as _, PgConnection, Row as _};

/// How often two connections are compared: one that is busy may answer from another session by chance.
const LOOKS: usize = 5;

/// What a connection of an address meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// Role and database, as the server knows them.
    pub who: String,
    /// Whether two connections were served by one session: a pooler in transaction mode is there.
    pub shares_sessions: bool,
}

/// Asks what is at this address. Nothing is prepared: that is what would not work through such a pooler.
///
/// # Errors
/// When the database cannot be asked.
pub async fn look(url: &str) -> Result<Met, sqlx::Error> {
    let (mut one, mut other) = (PgConnection::connect(url).await?, PgConnection::connect(url).await?);
    let who = ask(&mut one, "select current_user || ' at ' || current_database()").await?;
    let mut shares_sessions = false;
    for _ in 0..LOOKS {
        let session = "select pg_backend_pid()::text";
        shares_sessions |= ask(&mut one, session).await? == ask(&mut other, session).await?;
    }
    Ok(Met { who, shares_sessions })
}

async fn ask(connection: &mut PgConnection, question: &'static str) -> Result<String, sqlx::Error> {
    sqlx::raw_sql(question).fetch_one(connection).await?.try_get(0)
}

/// Why these two addresses do not fit each other; empty is fit. `direct` is the way past the pooler, if one is given.
///
/// # Errors
/// When the database cannot be asked.
pub async fn faults(url: &str, direct: Option<&str>) -> Result<Vec<String>, sqlx::Error> {
    let met = look(url).await?;
    Ok(match direct {
        None => judge(&met, None),
        Some(direct) => judge(&met, Some(&look(direct).await?)),
    })
}

fn judge(met: &Met, direct: Option<&Met>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |text: &str| faults.push(text.to_owned());
    match direct {
        None if met.shares_sessions => fault(
            "database_url leads to a pooler in transaction mode: give the way past it as database.direct_url, by which \
             notifications come",
        ),
        Some(direct) if direct.shares_sessions => fault(
            "database.direct_url leads to a pooler in transaction mode, through which no notifications come: it must \
             lead to the database itself",
        ),
        Some(direct) if direct.who != met.who => fault(&format!(
            "database_url is {}, database.direct_url is {}: both must be the same role and database",
            met.who, direct.who
        )),
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(shares_sessions: bool) -> Met {
        Met { who: "postern_app at postern".to_owned(), shares_sessions }
    }

    #[test]
    fn a_database_by_itself_and_a_pooler_with_a_way_past_it_are_fit() {
        assert_eq!(judge(&met(false), None), [""; 0]);
        assert_eq!(judge(&met(true), Some(&met(false))), [""; 0]);
        assert_eq!(judge(&met(false), Some(&met(false))), [""; 0], "a pooler by session, say");
    }

    #[test]
    fn what_would_lose_notifications_or_ask_two_databases_is_told() {
        for (faults, part) in [
            (judge(&met(true), None), "give the way past it as database.direct_url"),
            (judge(&met(true), Some(&met(true))), "no notifications come"),
            (judge(&met(true), Some(&Met { who: "x at y".to_owned(), ..met(false) })), "x at y"),
        ] {
            assert!(faults.len() == 1 && faults[0].contains(part), "{faults:?}");
        }
    }
}
