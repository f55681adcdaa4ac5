//! The rules of isolation, read off the catalog: the same list makes the server refuse to start
//! and the test suite fail.

use sqlx::PgConnection;

/// How PostgreSQL prints the one condition that isolates tenants.
const TENANT_CONDITION: &str =
    "(tenant_id = (NULLIF(current_setting('postern.tenant_id'::text, true), ''::text))::uuid)";
const PARTNER_CONDITION: &str =
    "(partner_id = (NULLIF(current_setting('postern.partner_id'::text, true), ''::text))::uuid)";

/// Tables of the installation that no tenant owns.
const REFERENCE_TABLES: [&str; 12] = [
    "partner",
    "partner_api_key",
    "partner_admin",
    "partner_template",
    "crypto_key",
    "signing_key",
    "price_list",
    "price_country",
    "price",
    "plan",
    "plan_price",
    "_sqlx_migrations",
];

/// Those among them that are the same for everybody: without row-level security, and read only.
const SHARED_TABLES: [&str; 8] =
    ["crypto_key", "signing_key", "price_list", "price_country", "price", "plan", "plan_price", "_sqlx_migrations"];

/// Every breach of the isolation rules, as sentences; empty is fit.
///
/// # Errors
/// When the catalog cannot be read.
pub async fn isolation_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(FAULTS)
        .bind(TENANT_CONDITION)
        .bind(PARTNER_CONDITION)
        .bind(REFERENCE_TABLES.map(str::to_owned).to_vec())
        .bind(SHARED_TABLES.map(str::to_owned).to_vec())
        .fetch_all(connection)
        .await
}

const FAULTS: &str = "
with relation as (
    select c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, c.relowner,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull) as owned
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
),
tenant_table as (
    select * from relation where relkind in ('r', 'p') and not relname = any ($3)
)
-- Nothing but tables: views and materialised views leak around row-level security.
select 'relation ' || relname || ' is neither a table nor a partition' as fault
  from relation where relkind in ('v', 'm', 'f')
union all
select 'table ' || relname || ' has no tenant_id that is not null' from tenant_table where not owned
union all
select 'row-level security is not enabled on ' || relname from relation
 where relkind in ('r', 'p') and not relname = any ($4) and not relrowsecurity
union all
select 'row-level security is not forced on ' || relname from relation
 where relkind in ('r', 'p') and not relname = any ($4) and not relforcerowsecurity
union all
-- One policy for everything, on the tenant; partitions have none and are reached through their parent alone.
select 'table ' || r.relname || ' lacks its tenant policy' from tenant_table r
 where not r.relispartition and not exists (
       select from pg_policy p where p.polrelid = r.oid and p.polcmd = '*' and p.polpermissive and p.polroles = '{0}'
          and pg_get_expr(p.polqual, p.polrelid) = $1 and pg_get_expr(p.polwithcheck, p.polrelid) = $1)
union all
select 'table ' || r.relname || ' lacks its partner policy' from relation r
 where r.relname in ('partner', 'partner_api_key', 'partner_admin', 'partner_template') and not exists (
       select from pg_policy p where p.polrelid = r.oid and p.polcmd = '*' and p.polpermissive and p.polroles = '{0}'
          and pg_get_expr(p.polqual, p.polrelid) = $2 and pg_get_expr(p.polwithcheck, p.polrelid) = $2)
union all
-- Whatever else there is may only read: the partner's list, or postern_cross by name.
select 'policy ' || p.polname || ' on ' || r.relname || ' opens more than it may'
  from pg_policy p join relation r on r.oid = p.polrelid
 where r.relispartition
    or not ((p.polcmd = '*' and p.polroles = '{0}' and pg_get_expr(p.polqual, p.polrelid) in ($1, $2)
             and pg_get_expr(p.polwithcheck, p.polrelid) in ($1, $2))
         or (p.polcmd = 'r' and p.polroles = '{0}' and pg_get_expr(p.polqual, p.polrelid) = $2)
         or (p.polcmd = 'r' and p.polroles = array['postern_cross'::regrole::oid]))
union all
-- Unique and foreign keys without the tenant tell that another tenant's value exists. The slug is
-- unique on the platform by definition.
select 'index ' || i.indexrelid::regclass::text || ' is unique without tenant_id in the first place'
  from pg_index i join tenant_table r on r.oid = i.indrelid
 where i.indisunique and i.indexrelid::regclass::text <> 'tenant_slug_key'
   and (select a.attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) is distinct from 'tenant_id'
union all
select 'foreign key ' || k.conname || ' on ' || r.relname || ' does not begin with tenant_id'
  from pg_constraint k join tenant_table r on r.oid = k.conrelid
 where k.contype = 'f' and k.conname <> 'tenant_partner_id_fkey'
   and (select a.attname from pg_attribute a where a.attrelid = k.conrelid and a.attnum = k.conkey[1]) is distinct from 'tenant_id'
union all
-- Grants: nothing on partitions, TRUNCATE to nobody, nothing to PUBLIC, what all share only to be read.
select 'grant of ' || g.privilege_type || ' on ' || r.relname || ' to ' || g.grantee::regrole::text
  from relation r
  join pg_class c on c.oid = r.oid
 cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) g
 where g.grantee <> r.relowner
   and (g.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER') or r.relispartition or g.grantee = 0
        or (r.relname = any ($4) and g.privilege_type <> 'SELECT'))
union all
-- Functions with their owner's rights: a fixed search path, and known owners.
select 'function ' || f.oid::regprocedure::text || ' runs with its owner''s rights without a fixed search_path'
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace
 where n.nspname in ('public', 'postern_cross') and f.prosecdef
   and not exists (select from unnest(f.proconfig) c where c like 'search_path=pg_catalog%')
union all
select 'function ' || f.oid::regprocedure::text || ' runs with the rights of ' || f.proowner::regrole::text
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace
 where n.nspname in ('public', 'postern_cross') and f.prosecdef
   and not (f.proowner = 'postern_cross'::regrole and n.nspname = 'postern_cross')
   and f.oid::regprocedure::text not in
       ('ensure_partitions(date,integer)', 'retire_partition(text,date)', 'erase_tenant_rows(uuid,integer)')
union all
select 'postern_cross owns table ' || relname from relation where relowner = 'postern_cross'::regrole
order by 1";
