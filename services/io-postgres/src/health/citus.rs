//! Whether the tables can be spread over machines by tenant, and where Citus is, whether they are.

use sqlx::PgConnection;

use super::{Finding, Findings};

pub(super) async fn distribution(connection: &mut PgConnection) -> Findings {
    let faults = distribution_faults(connection).await?;
    if !faults.is_empty() {
        let told =
            faults.into_iter().map(|fault| Finding::warning(format!("cannot be distributed by tenant: {fault}")));
        return Ok(told.collect());
    }
    let version: Option<String> = sqlx::query_scalar("select extversion from pg_extension where extname = 'citus'")
        .fetch_optional(&mut *connection)
        .await?;
    match version {
        None => Ok(vec![Finding::note(
            "the tables are fit to be distributed by tenant (infra/citus); this is one PostgreSQL",
        )]),
        Some(version) => spread(connection, &version).await,
    }
}

/// Every breach of the rules by which Citus can distribute the tables, as sentences; empty is fit. What is the
/// same on every node (`tenant`, `api_key`, and whatever has no tenant) may be referred to and refers to no one's.
///
/// # Errors
/// When the catalog cannot be read.
pub async fn distribution_faults(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(FAULTS).fetch_all(connection).await
}

const FAULTS: &str = "
with spread as (
    select c.oid, c.relname
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname not in ('tenant', 'api_key')
)
select format('%s is unique without tenant_id', i.indexrelid::regclass)
  from pg_index i join spread s on s.oid = i.indrelid
 where i.indisunique
   and not exists (select from pg_attribute a
                    where a.attrelid = s.oid and a.attname = 'tenant_id' and a.attnum = any (i.indkey::smallint[]))
union all
select format('%s has no primary key', s.relname) from spread s
 where not exists (select from pg_index i where i.indrelid = s.oid and i.indisprimary)
union all
select format('%s refers from %s to another tenant''s rows', k.conname, s.relname)
  from pg_constraint k join spread s on s.oid = k.conrelid join spread t on t.oid = k.confrelid
 where k.contype = 'f' and k.conparentid = 0
   and not exists (select from unnest(k.conkey, k.confkey) p(own, other)
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.own and a.attname = 'tenant_id'
                     join pg_attribute b on b.attrelid = k.confrelid and b.attnum = p.other and b.attname = 'tenant_id')
union all
select format('%s refers from %s, which is the same everywhere, to a tenant''s rows', k.conname, k.conrelid::regclass)
  from pg_constraint k join spread t on t.oid = k.confrelid
 where k.contype = 'f' and k.conparentid = 0 and k.conrelid not in (select oid from spread)
union all
select format('%s is a view: row-level security is not asked for it on the nodes', c.relname)
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
union all
select format('%s counts by a sequence, of which each node would have its own', s.relname)
  from spread s join pg_attribute a on a.attrelid = s.oid and (a.attidentity <> ''
       or exists (select from pg_attrdef d where d.adrelid = s.oid and d.adnum = a.attnum
                     and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'))
union all
select format('%s excludes rows of other tenants', k.conname)
  from pg_constraint k join spread s on s.oid = k.conrelid where k.contype = 'x'
order by 1";

/// Where the extension is.
async fn spread(connection: &mut PgConnection, version: &str) -> Findings {
    let left: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c
           join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
           left join pg_dist_partition d on d.logicalrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname not in ('tenant', 'api_key') and d.partmethod is distinct from 'h'
          order by 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let propagated: Option<String> = sqlx::query_scalar("select current_setting('citus.propagate_set_commands', true)")
        .fetch_one(connection)
        .await?;
    let mut findings = vec![Finding::note(format!("Citus {version}"))];
    if !left.is_empty() {
        findings.push(Finding::fault(format!(
            "not distributed by tenant: {} (infra/citus/distribute.sh)",
            left.join(", ")
        )));
    }
    if propagated.as_deref() != Some("local") {
        findings.push(Finding::fault(
            "citus.propagate_set_commands is not local: nodes are not told the tenant, and find no rows",
        ));
    }
    Ok(findings)
}
