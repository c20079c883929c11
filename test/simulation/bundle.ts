// Bundles the simulation with the engine's own sources, or with a source changed on purpose, into one file a worker can load. Plans are made once.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const plannedOnce = join(import.meta.dirname, 'planned-once.ts');

/** A change of a source's text. `find` must occur exactly once, so that no change misses its mark when the source moves on. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

/** The sources named in `edits` with the edits applied, by path. Throws naming the edit that does not fit any more. */
function editedSources(edits: readonly Edit[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = sources.get(file) ?? readFileSync(join(root, file), 'utf8');
    const found = text.split(find).length - 1;
    if (found !== 1) {
      throw new Error(
        `${file}: the text to change occurs ${found} times instead of once; bring the edit up to date:\n${find}`,
      );
    }
    sources.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return sources;
}

/** Writes the bundle of `entry` (a path from the root; the simulation by default) to `outfile`. */
export async function bundleSimulation(
  outfile: string,
  edits: readonly Edit[] = [],
  entry = 'test/simulation/play-range.ts',
): Promise<void> {
  const sources = new Map([...editedSources(edits)].map(([file, text]) => [join(root, file), text]));
  const changed: Plugin = {
    name: 'changed sources',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\/plan-load\.ts$/ }, ({ importer }) =>
        importer === plannedOnce ? undefined : { path: plannedOnce },
      );
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = sources.get(path);
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // CommonJS packages inside an ES module ask for `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
    plugins: [changed],
  });
}
