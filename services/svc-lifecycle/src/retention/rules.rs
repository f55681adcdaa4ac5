//! What is over before its month is, as a table: to add something, add a row.
//!
//! Each statement takes the tenant, the instant before which it is over (by the tenant's clock), and how
//! many rows at most. Rows that somebody holds are left for the next time: nobody waits for this.

use chrono::TimeDelta;

use crate::Retention;

/// One kind of thing that ends.
pub(super) struct Rule {
    /// For the log.
    pub(super) what: &'static str,
    /// How long it is kept after it is over.
    pub(super) after: fn(&Retention) -> TimeDelta,
    pub(super) sql: &'static str,
}

fn at_once(_: &Retention) -> TimeDelta {
    TimeDelta::zero()
}

fn a_day(_: &Retention) -> TimeDelta {
    TimeDelta::days(1)
}

fn as_destinations(kept: &Retention) -> TimeDelta {
    TimeDelta::days(kept.destinations.into())
}

fn as_temporary_access(kept: &Retention) -> TimeDelta {
    TimeDelta::days(kept.temporary_access.into())
}

pub(super) const RULES: [Rule; 10] = [
    Rule {
        what: "idempotency keys",
        after: at_once,
        sql: "delete from idempotency_key k
               using (select w.api_key_id, w.key from idempotency_key w
                       where w.tenant_id = $1 and w.expires_at < $2 limit $3 for update skip locked) d
               where k.tenant_id = $1 and k.api_key_id = d.api_key_id and k.key = d.key",
    },
    Rule {
        what: "trusted devices",
        after: at_once,
        sql: "delete from trusted_device x
               using (select w.device_id from trusted_device w
                       where w.tenant_id = $1 and w.expires_at < $2 limit $3 for update skip locked) d
               where x.tenant_id = $1 and x.device_id = d.device_id",
    },
    Rule {
        // A day longer, for whoever asks what became of the message that carried its code.
        what: "factors that were never confirmed",
        after: a_day,
        sql: "delete from factor f
               using (select w.factor_id from factor w
                       where w.tenant_id = $1 and w.status = 'PENDING' and not w.suggested and w.expires_at < $2
                       limit $3 for update skip locked) d
               where f.tenant_id = $1 and f.factor_id = d.factor_id",
    },
    Rule {
        what: "factors that were removed",
        after: as_destinations,
        sql: "delete from factor f
               using (select w.factor_id from factor w
                       where w.tenant_id = $1 and w.status = 'REMOVED' and w.removed_at < $2
                       limit $3 for update skip locked) d
               where f.tenant_id = $1 and f.factor_id = d.factor_id",
    },
    Rule {
        what: "hosted prompts",
        after: a_day,
        sql: "delete from prompt_session p
               using (select w.prompt_id from prompt_session w
                       where w.tenant_id = $1 and greatest(w.expires_at, w.result_expires_at) < $2
                       limit $3 for update skip locked) d
               where p.tenant_id = $1 and p.prompt_id = d.prompt_id",
    },
    Rule {
        // The longest limit looks back an hour.
        what: "counts of sends",
        after: a_day,
        sql: "delete from destination_send s
               using (select w.destination_index from destination_send w
                       where w.tenant_id = $1 and coalesce(w.times[cardinality(w.times)], '-infinity') < $2
                       limit $3 for update skip locked) d
               where s.tenant_id = $1 and s.destination_index = d.destination_index",
    },
    Rule {
        what: "temporary access codes",
        after: as_temporary_access,
        sql: "delete from temporary_access_code c
               using (select w.code_id from temporary_access_code w
                       where w.tenant_id = $1 and coalesce(w.used_at, w.revoked_at, w.expires_at) < $2
                       limit $3 for update skip locked) d
               where c.tenant_id = $1 and c.code_id = d.code_id",
    },
    Rule {
        what: "requests for temporary access",
        after: as_temporary_access,
        sql: "delete from temporary_access_request r
               using (select w.request_id from temporary_access_request w
                       where w.tenant_id = $1 and w.expires_at < $2 limit $3 for update skip locked) d
               where r.tenant_id = $1 and r.request_id = d.request_id",
    },
    Rule {
        what: "one-time links",
        after: as_temporary_access,
        sql: "delete from one_time_link l
               using (select w.link_id from one_time_link w
                       where w.tenant_id = $1 and coalesce(w.consumed_at, w.revoked_at, w.expires_at) < $2
                       limit $3 for update skip locked) d
               where l.tenant_id = $1 and l.link_id = d.link_id",
    },
    Rule {
        // Empty is not null: a message that had its own destination does not fall back on the user's. A
        // tenant's clock is never behind the real one, by which months go: what is over lies before it.
        what: "destinations of messages",
        after: as_destinations,
        sql: r"update message m
                 set destination_sealed = case when m.destination_sealed is not null then '\x'::bytea end,
                     secret_sealed = null, sandbox_body = null, params = '{}'
                from (select w.month, w.message_id from message w
                       where w.tenant_id = $1 and w.month <= $2 and w.created_at < $2
                         and (w.destination_sealed <> '' or w.secret_sealed is not null
                              or w.sandbox_body is not null or w.params <> '{}')
                       order by w.month, w.message_id limit $3 for update skip locked) d
               where m.tenant_id = $1 and m.month = d.month and m.message_id = d.message_id",
    },
];
