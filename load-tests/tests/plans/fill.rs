//! Much of everything that a tenant can have much of.

use load_tests::database::BenchDatabase;
use load_tests::seed::Population;
use sqlx::PgConnection;

/// Each with the tenant as `$1`, a number of rows as `$2`, and a user as `$3`.
const STATEMENTS: [&str; 13] = [
    "insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, country, template,
                          created_at, claimable_at, status, attempts)
     select $1, date_trunc('month', now()), uuid_v7(), u.user_id, 'SMS', 'CODE', 0, 'US', 'code', now(), now(),
            case when u.n % 7 = 0 then 'FAILED' else 'DELIVERED' end, 1
       from (select n, (select array_agg(user_id) from tenant_user where tenant_id = $1) as all_users
               from generate_series(1, $2) n) g
      cross join lateral (select g.n, g.all_users[1 + g.n % cardinality(g.all_users)] as user_id) u
      where $3::uuid is not null",
    "insert into audit_entry (tenant_id, month, entry_id, at, actor, action, target)
     select $1, date_trunc('month', now()), uuid_v7(), now(), 'admin_' || n % 40, 'policy.published', $3::uuid::text
       from generate_series(1, $2) n",
    "insert into webhook_endpoint (tenant_id, endpoint_id, url, events, secret_sealed, created_at)
     select $1, $3, 'https://firm.example/' || $2, '{LOGIN_COMPLETED}', '\\x00', now()",
    "insert into webhook_delivery (tenant_id, month, delivery_id, endpoint_id, event_id, kind, body, created_at, status,
                                   due_at)
     select $1, date_trunc('month', now()), uuid_v7(), $3, uuid_v7(), 'LOGIN_COMPLETED', '{}', now(), 'DELIVERED', now()
       from generate_series(1, $2) n",
    "insert into import_job (tenant_id, import_id, kind, file_name, dry_run, trust_contacts, sandbox_twins, created_by,
                             created_at, status, total_rows)
     select $1, uuid_v7(), 'USERS', 'clients.csv', false, false, false, $3::uuid::text, now(), 'COMPLETED', 0
       from generate_series(1, $2 / 10) n",
    "insert into policy_version (tenant_id, version, policy_id, document, effective_at, published_at)
     select $1, 1 + n, uuid_v7(), p.document, now() - interval '1 hour', now() - interval '1 hour'
       from generate_series(1, $2 / 30) n
       join policy_version p on p.tenant_id = $1 and p.version = 1 where $3::uuid is not null",
    "insert into temporary_access_request (tenant_id, request_id, login_id, user_id, status, created_at, expires_at)
     select $1, uuid_v7(), l.login_id, l.user_id, 'DECLINED', now() - interval '1 day', now() - interval '1 hour'
       from login l where l.tenant_id = $1 and $3::uuid is not null limit $2",
    "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
     select $1, uuid_v7(), uuid_v7(), 'advisor-' || n || '@firm.example', 'advisor-' || n || '@firm.example', 'ADVISOR',
            now() from generate_series(1, 40) n where $2 > 0 and $3::uuid is not null",
    "with advisors as (select array_agg(admin_id) as ids from tenant_admin where tenant_id = $1 and role = 'ADVISOR'),
          numbered as (select user_id, row_number() over () as n from tenant_user where tenant_id = $1)
     update tenant_user u set advisor_id = advisors.ids[1 + numbered.n::integer % cardinality(advisors.ids)]
       from advisors, numbered
      where u.tenant_id = $1 and u.user_id = numbered.user_id and $2 > 0 and $3::uuid is not null",
    "insert into enrollment_reminder_run (tenant_id, run_id, created_at, created_by, recipients, ended_at, ending)
     select $1, uuid_v7(), now(), $3::uuid::text, 1, now(), 'COMPLETED' from generate_series(1, $2 / 10) n",
    "insert into usage_rollup (tenant_id, day, channel, country_group, country, part, units, amount, currency)
     select $1, current_date - n % 400, 'SMS', 'US', 'US', n / 400, 1, 1, 'USD' from generate_series(0, $2 / 10) n
      where $3::uuid is not null",
    "insert into login_count (tenant_id, quarter, outcome, completed_with, logins, completed)
     select $1, date_trunc('day', now()) - n * interval '15 minutes', 'ALLOW', '', 1, 1 from generate_series(0, $2) n
      where $3::uuid is not null",
    // The logins are counted already, as a worker leaves them.
    "insert into login_counted (tenant_id, until) select $1, now() where $2 > 0 and $3::uuid is not null",
];

/// Fills every table that a list is read from, and has PostgreSQL count what is in them.
pub async fn everything(database: &BenchDatabase, population: &Population, many: usize) -> anyhow::Result<()> {
    let mut superuser: PgConnection = database.superuser().await?;
    let user = population.users.iter().find(|user| user.tenant == 0).map(|user| user.id.0);
    for statement in STATEMENTS {
        sqlx::query(statement)
            .bind(population.tenants[0].id.0)
            .bind(i32::try_from(many)?)
            .bind(user)
            .execute(&mut superuser)
            .await
            .map_err(|error| anyhow::anyhow!("{error}: {statement}"))?;
    }
    sqlx::query("analyze").execute(&mut superuser).await?;
    Ok(())
}
