/**
 * SQL texts as PostgreSQL's own parser reads them: which table a condition is about is not guessed from how it is
 * written. What is no statement by itself — a piece that code puts into another, a body's `if` — stays with
 * statements.mjs, which reads by words.
 */
import { loadModule, parseSync } from 'libpg-query';

await loadModule();

/** A step of a function's body as a statement: without what stands before and around it. */
export function bare(text) {
  return text
    .replaceAll('\\"', '"')
    .replace(/^\s*(?:declare\b.*?)?\bbegin\s+(?!atomic)/is, '')
    .replace(/^\s*(?:els(?:e|if)\b|if\b).*?\bthen\s+|^\s*else\s+/is, '')
    .replace(/^\s*return query\s+/i, '')
    .replace(/^\s*perform\b/i, 'select')
    .replace(/(\bselect\b[^;]*?)\binto\s+(?:strict\s+)?[a-z_.]+(?:\s*,\s*[a-z_.]+)*(?=\s+from\b)/i, '$1');
}

/** What a function in SQL does: its body is a text of its own. */
function bodyOf({ CreateFunctionStmt: made }) {
  const option = (name) => made?.options?.find(({ DefElem }) => DefElem.defname === name)?.DefElem.arg;
  if (option('language')?.String.sval !== 'sql' || !option('as')) return [];
  return option('as').List.items.flatMap(({ String: { sval } }) => parseSync(sval).stmts.map(({ stmt }) => stmt));
}

/** The statement, or nothing where it is none. */
export function parsed(text) {
  for (const candidate of [text, bare(text)]) {
    try {
      return parseSync(candidate).stmts.flatMap(({ stmt }) => [stmt, ...bodyOf(stmt)]);
    } catch {
      // Read by words instead.
    }
  }
  return undefined;
}

/** Every node of a tree with one of these names; not within what `stop` names. */
function* nodes(tree, names, stop = []) {
  if (tree === null || typeof tree !== 'object') return;
  for (const [name, value] of Object.entries(tree)) {
    if (names.includes(name) && !Array.isArray(tree)) yield { name, node: value };
    if (!stop.includes(name)) yield* nodes(value, names, stop);
  }
}

const columnOf = (node) => (node?.ColumnRef?.fields ?? []).map((field) => field.String?.sval ?? '*');
const isTenant = (node) => columnOf(node).at(-1) === 'tenant_id';

/** By which names a tree's conditions bind a tenant: `x` for `x.tenant_id = …`, '' where no name stands before it. */
function bound(tree) {
  const names = new Set();
  for (const { name, node } of nodes(tree, ['A_Expr', 'JoinExpr'])) {
    if (name === 'JoinExpr') {
      if (node.usingClause?.some((column) => column.String?.sval === 'tenant_id')) names.add('*');
      continue;
    }
    const operator = node.name?.at(-1)?.String?.sval;
    if (operator !== '=' || !['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_IN'].includes(node.kind)) continue;
    const rows = [node.lexpr, node.rexpr].flatMap((side) => [side, ...(side?.RowExpr?.args ?? [])]);
    for (const side of rows.filter(isTenant)) names.add(columnOf(side).length > 1 ? columnOf(side).at(-2) : '');
  }
  return names;
}

/** Names that `with` gives within a tree. */
const shadows = (tree) => new Set([...nodes(tree, ['CommonTableExpr'])].map(({ node }) => node.ctename));

const STATEMENTS = ['SelectStmt', 'UpdateStmt', 'DeleteStmt', 'InsertStmt'];

/** Which of these tables a statement reads, changes or locks without saying of whom. */
export function unbound(statement, tables) {
  const given = shadows(statement);
  const found = [];
  for (const { name, node } of nodes(statement, STATEMENTS)) {
    // What stands in a select, and is none itself: inner ones are looked at for themselves, with what they are within.
    const own = [...nodes(node, ['RangeVar'], STATEMENTS)].map((range) => range.node);
    const relation = name === 'SelectStmt' ? [] : [node.relation];
    const named = [...relation, ...own].filter((range) => range && tables.includes(range.relname) && !given.has(range.relname));
    const columns = (node.cols ?? []).map(({ ResTarget }) => ResTarget.name);
    const conditions = bound(node);
    const alone = named.length === 1;
    for (const range of new Set(named)) {
      const alias = range.alias?.aliasname ?? range.relname;
      if (range === node.relation && name === 'InsertStmt') {
        if (!columns.includes('tenant_id')) found.push(`insert into ${range.relname}`);
      } else if (!conditions.has(alias) && !conditions.has('*') && !(alone && conditions.has(''))) {
        found.push(alias === range.relname ? alias : `${range.relname} ${alias}`);
      }
    }
  }
  return [...new Set(found)];
}

/** What rows a statement locks: of which tables, by `for update` and its kin. */
export function locked(statement, tables) {
  const found = [];
  for (const { node } of nodes(statement, ['SelectStmt'])) {
    for (const { LockingClause: clause } of node.lockingClause ?? []) {
      const named = (clause.lockedRels ?? []).map(({ RangeVar }) => RangeVar.relname);
      const all = [...nodes(node.fromClause ?? [], ['RangeVar'], STATEMENTS)].map((range) => range.node);
      const of = all.filter((range) => named.length === 0 || named.includes(range.alias?.aliasname ?? range.relname));
      for (const range of of.filter(({ relname }) => tables.includes(relname))) {
        const alias = range.alias?.aliasname ?? range.relname;
        const skips = clause.waitPolicy === 'LockWaitSkip';
        found.push({ table: range.relname, skips, bound: bound(node).has(alias) || (all.length === 1 && bound(node).has('')) });
      }
    }
  }
  return found;
}

/** Settings that a statement makes, and whether they end with the transaction. */
export function settings(statement) {
  // What a function sets for itself ends with it.
  const set = [...nodes(statement, ['VariableSetStmt'], ['CreateFunctionStmt'])].map(({ node }) => ({ name: node.name, local: node.is_local === true }));
  const called = [...nodes(statement, ['FuncCall'])].filter(({ node }) => node.funcname.at(-1).String.sval === 'set_config');
  return [
    ...set,
    ...called.map(({ node: { args } }) => ({ name: args[0]?.A_Const?.sval?.sval ?? '?', local: args[2]?.A_Const?.boolval?.boolval === true })),
  ];
}
