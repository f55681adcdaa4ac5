/** What a version that runs sees of a database, and what of it is not there any more after a migration. */

/** Tables and views, each once, however many partitions it has. */
const OURS = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relname <> '_sqlx_migrations'`;
const named = (numbers, table) =>
  `array(select a.attname::text from unnest(${numbers}) n join pg_attribute a on a.attrelid = ${table} and a.attnum = n)`;

/** A row must have what is required, and gets what is filled by itself. */
const COLUMNS = `
  select c.relname::text as table, a.attname::text as name, format_type(a.atttypid, a.atttypmod) as kind, a.attnotnull as required,
         a.atthasdef or a.attidentity <> '' as filled
    from pg_class c join pg_attribute a on a.attrelid = c.oid where ${OURS} and a.attnum > 0 and not a.attisdropped`;

/** What a row must keep, or what happens to it, and which columns that is about; none: the row. */
const RULES = `
  select c.relname::text as table, pg_get_constraintdef(k.oid) as text, ${named('k.conkey', 'k.conrelid')} as columns
    from pg_constraint k join pg_class c on c.oid = k.conrelid where ${OURS} and k.contype in ('c', 'f', 'x')
   union all
  select c.relname::text, 'unique ' || substring(pg_get_indexdef(i.indexrelid) from 'USING .*'), ${named('i.indkey', 'i.indrelid')}
    from pg_index i join pg_class c on c.oid = i.indrelid where ${OURS} and i.indisunique
   union all
  select c.relname::text, pg_get_triggerdef(t.oid), '{}' from pg_trigger t join pg_class c on c.oid = t.tgrelid where ${OURS} and not t.tgisinternal`;

const FUNCTIONS = `
  select n.nspname || '.' || p.proname as name, array(select format_type(t, null) from unnest(p.proargtypes) t) as arguments,
         p.pronargdefaults::integer as optional, has_function_privilege('postern_app', p.oid, 'execute') as open,
         case pg_get_function_result(p.oid) when 'record' then
             (select 'record(' || coalesce(string_agg(p.proargnames[i] || ' ' || format_type(p.proallargtypes[i], null), ', ' order by i), '') || ')'
                from generate_subscripts(p.proallargtypes, 1) i where p.proargmodes[i] = 'o')
         else pg_get_function_result(p.oid) end as result
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname in ('public', 'postern_cross') and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype order by 1, 2`;

const GRANTS = `
  select grantee || ' may ' || lower(privilege_type) || ' ' || table_name || '.' || column_name as sentence from information_schema.column_privileges
   where table_schema = 'public' and grantee in ('postern_app', 'postern_cross', 'postern_backup')
   union
  select grantee || ' may ' || lower(privilege_type) || ' ' || table_name from information_schema.table_privileges
   where table_schema = 'public' and grantee in ('postern_app', 'postern_cross', 'postern_backup')`;

/** @param query as a superuser: the catalog's views show others less */
export async function stateOf(query) {
  const columns = await query(COLUMNS);
  return {
    tables: new Set(columns.map(({ table }) => table)),
    columns: new Map(columns.map((column) => [`${column.table}.${column.name}`, column])),
    rules: new Map((await query(RULES)).map((rule) => [`${rule.table}: ${rule.text}`, rule])),
    functions: await query(FUNCTIONS),
    grants: new Set((await query(GRANTS)).map(({ sentence }) => sentence)),
  };
}

/** A function as a line says it: how it is called, and what comes of it. */
export const lineOf = ({ name, arguments: given, result }) => `${name}(${given.join(', ')}) -> ${result}`;

/** What {@link lineOf} wrote, of a function that the application calls. */
export function functionOf(line) {
  const [, name, given, result] = /^([\w.]+)\((.*?)\) -> (.*)$/.exec(line);
  return { name, arguments: given ? given.split(', ') : [], optional: 0, open: true, result };
}

/** Whether whoever calls `now` as `before` was called gets what that gave. */
function serves(now, before) {
  const further = now.arguments.length - before.arguments.length;
  const same = now.name === before.name && now.result === before.result && before.arguments.every((kind, at) => now.arguments[at] === kind);
  return same && further >= 0 && further <= now.optional && (now.open || !before.open);
}

/** Those that whoever calls them as before does not find. */
export const functionsMissed = (before, now) =>
  before.filter((one) => !now.some((other) => serves(other, one))).map((one) => `${lineOf(one)} cannot be called as it was`);

function columnsMissed(before, now) {
  return [...before.columns].flatMap(([name, { kind }]) => {
    const after = now.columns.get(name);
    if (!after) return [`${name} is gone`];
    return after.kind === kind ? [] : [`${name} was ${kind} and is ${after.kind}`];
  });
}

/** What a row needs now and did not before, by whoever writes it. */
function columnsDemanded(before, now) {
  const demands = (column) => column?.required && !column.filled;
  const found = [...now.columns].filter(([name, after]) => {
    const known = before.columns.get(name);
    const isNarrower = known && after.required && !known.required;
    return before.tables.has(after.table) && (isNarrower || (demands(after) && !demands(known)));
  });
  return found.map(([name]) => `${name} must be there now`);
}

/** One about new columns alone binds nobody who does not know of it: it is kept by leaving those out. */
function rulesAdded(before, now) {
  const binds = ({ table, columns }) => before.tables.has(table) && columns.every((column) => before.columns.has(`${table}.${column}`));
  return [...now.rules].filter(([name, rule]) => !before.rules.has(name) && binds(rule)).map(([, { table, text }]) => `${table} is held to more: ${text}`);
}

/** What the version that knows `before` alone would stumble over in `now`; a sentence each. */
export function missed(before, now) {
  const grants = [...before.grants].filter((grant) => !now.grants.has(grant)).map((grant) => `no more: ${grant}`);
  return [...columnsMissed(before, now), ...columnsDemanded(before, now), ...rulesAdded(before, now), ...functionsMissed(before.functions, now.functions), ...grants];
}
