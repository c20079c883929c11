// `npm run package`: puts dist/ and its lockfile into dist/functions.zip, the same bytes for the same code wherever and whenever it is made.

import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { type Lockfile, productionLock } from './production-lock.ts';

/** Local time on purpose: zip has no time zone, and fflate writes local fields (measured: equal bytes in three zones). */
const mtime = new Date(1980, 0, 1);
/** Unix, regular file, rw-r--r--: else the maker's umask would be in the bytes. */
const attributes = { mtime, os: 3, attrs: 0o100644 << 16, level: 9 } as const;

/**
 * The zip of every file in `folder` (zips left out), sorted by name, with the package-lock.json cut out of `lock` for its package.json.
 * Throws an Error when there is no bundle to pack.
 */
export async function packageFolder(folder: string, lock: Lockfile): Promise<Uint8Array> {
  if (!existsSync(join(folder, 'index.js'))) throw new Error(`${folder} holds no index.js; run npm run build first`);
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.zip'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => name !== 'package-lock.json');
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Parameters<
    typeof productionLock
  >[1];
  files.set('package-lock.json', Buffer.from(`${JSON.stringify(productionLock(lock, manifest), null, 2)}\n`));
  const sorted: Zippable = Object.fromEntries(
    [...files].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, bytes]) => [name, [bytes, attributes]]),
  );
  return zipSync(sorted);
}

if (import.meta.main) {
  const root = new URL('../', import.meta.url);
  const lock = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')) as Lockfile;
  const zip = await packageFolder(new URL('dist', root).pathname, lock);
  await writeFile(new URL('dist/functions.zip', root), zip);
  console.log(`dist/functions.zip ${(zip.length / 1024 / 1024).toFixed(1)} MiB`);
}
