// Beside each file of the console the same one compressed, as strongly as can be: it is done once here,
// and never while somebody waits.

import type { Plugin } from "vite";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);
const WORTH_IT = /\.(js|css|svg)$/;

async function compress(file: string) {
  const content = await readFile(file);
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  const smaller = { br: await brotli(content, { params: parameters }), gz: await zip(content, { level: 9 }) };
  for (const [extension, bytes] of Object.entries(smaller)) {
    if (bytes.length < content.length) await writeFile(`${file}.${extension}`, bytes);
  }
}

/** A plugin of Vite. */
export function compressed(): Plugin {
  let folder = "dist";
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true });
      await Promise.all(files.filter((file) => WORTH_IT.test(file)).map((file) => compress(path.join(folder, file))));
    },
  };
}
