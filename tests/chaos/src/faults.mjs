// Faults that are put into the migrated database by hand, to see that the model finds them.

import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../faults/", import.meta.url));

/** Replaces words in a function; an error where they are not there, so that a fault never silently is none. */
const MEND = `
create function pg_temp.mend(p_function text, p_from text, p_to text) returns void language plpgsql as $mend$
declare
    v_text text;
begin
    select pg_get_functiondef(p.oid) into strict v_text from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'public' where p.proname = p_function;
    if position(p_from in v_text) = 0 then
        raise exception '% has no %', p_function, p_from;
    end if;
    execute replace(v_text, p_from, p_to);
end $mend$;
`;

const headers = (text, name) => [...text.matchAll(new RegExp(`^-- ${name}(?:: (.*))?$`, "gm"))].map(([, value]) => value ?? true);

/** All of them, by name. */
export async function faults() {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(files.map(async (file) => {
    const text = await readFile(path.join(folder, file), "utf8");
    return {
      name: path.basename(file, ".sql"),
      words: text.split("\n")[0].replace(/^-- /, ""),
      needs: headers(text, "needs")[0],
      asynchronous: headers(text, "asynchronous").length > 0,
      // Any of them: what is lost shows as missing, or as not done any more, as it happens.
      caughtBy: headers(text, "caught by")[0].split(", "),
      statements: [MEND, ...text.replace(/^--.*\n/gm, "").split(/;\n(?=create|select|alter|$)/).filter((statement) => statement.trim())],
    };
  }));
}
