// Where Cloud Storage would be: gs://BUCKET/PATH is a file in a folder of this machine.

import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

export type Buckets = {
  /** The local path of a gs:// URL; throws if it is none or points outside the buckets. */
  pathOf(url: string): string;
  /** The text of an object; throws a message with the URL if there is none. */
  read(url: string): Promise<string>;
  /** Makes a folder and returns its local path. */
  makeFolder(url: string): Promise<string>;
  /** Removes it with all in it, and the folders above that are empty then: Cloud Storage has no empty folders. */
  removeFolder(path: string): Promise<void>;
};

/** Buckets as folders under `bucketsDir`. */
export function createBuckets(bucketsDir: string): Buckets {
  const root = resolve(bucketsDir);
  const pathOf = (url: string): string => {
    const path = /^gs:\/\/(.+)$/.exec(url)?.[1];
    if (path === undefined) throw new Error(`not a Cloud Storage path: ${url} (gs://bucket/object)`);
    const local = resolve(root, ...path.split('/'));
    if (!local.startsWith(root + sep)) throw new Error(`the Cloud Storage path ${url} leaves the buckets`);
    return local;
  };
  return {
    pathOf,
    async read(url) {
      try {
        return await readFile(pathOf(url), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`No such object: ${url}`);
        throw error;
      }
    },
    async makeFolder(url) {
      const path = join(pathOf(url));
      await mkdir(path, { recursive: true });
      return path;
    },
    async removeFolder(path) {
      await rm(path, { recursive: true, force: true });
      for (let above = dirname(path); above.startsWith(root + sep); above = dirname(above)) {
        // Not empty, or somebody else was quicker: either way nothing is left to do.
        const removed = await rmdir(above).then(
          () => true,
          () => false,
        );
        if (!removed) return;
      }
    },
  };
}
