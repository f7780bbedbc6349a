import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

import type { Plugin } from "vite";

const compress = promisify(brotliCompress);
const TEXT = /\.(?:js|css|html|svg|webmanifest|json)$/u;
// Below this a packet holds it either way.
const LEAST_BYTES = 1_000;

/** Writes `x.js.br` beside each `x.js`: the server sends it to who can read it, a seventh less than gzip. */
export function brotliBeside(): Plugin {
  let folder = "";
  return {
    name: "cairn-brotli-beside",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true });
      await Promise.all(
        files
          .filter((name) => TEXT.test(name))
          .map(async (name) => {
            const content = await readFile(join(folder, name));
            if (content.length < LEAST_BYTES) return;
            const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
            await writeFile(join(folder, `${name}.br`), await compress(content, { params: size }));
          }),
      );
    },
  };
}
