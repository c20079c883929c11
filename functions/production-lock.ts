// Cuts the lockfile of the deployed functions out of the project's: so that the cloud installs the same bytes that were tested.

export type Lockfile = { readonly lockfileVersion: number; readonly packages: Readonly<Record<string, LockedPackage>> };
type LockedPackage = {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly [field: string]: unknown;
};
type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

/**
 * The package-lock.json (version 3) of `manifest` with every package its dependencies come to in `lock`, at the same place in the tree.
 * Throws an Error naming a dependency that `lock` does not hold, or holds in another version than the manifest's exact one.
 */
export function productionLock(lock: Lockfile, manifest: Manifest): Lockfile & { readonly name: string } {
  const kept = new Set<string>();
  const keep = (from: string, name: string, optional: boolean): void => {
    const path = placeOf(lock, from, name);
    if (path === undefined) {
      if (optional) return;
      throw new Error(
        `package-lock.json holds no ${name}, which ${from === '' ? manifest.name : from} needs; run npm install`,
      );
    }
    if (kept.has(path)) return;
    kept.add(path);
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
      peerDependenciesMeta = {},
    } = lock.packages[path] ?? {};
    for (const each of Object.keys(dependencies)) keep(path, each, optionalDependencies[each] !== undefined);
    for (const each of Object.keys(optionalDependencies)) keep(path, each, true);
    for (const each of Object.keys(peerDependencies)) keep(path, each, peerDependenciesMeta[each]?.optional === true);
  };
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    keep('', name, false);
    const locked = lock.packages[`node_modules/${name}`]?.version;
    if (locked !== version)
      throw new Error(`${name} is ${version} in the manifest but ${locked} in package-lock.json; run npm install`);
  }
  return {
    name: manifest.name,
    lockfileVersion: 3,
    packages: {
      '': { name: manifest.name, version: manifest.version, dependencies: manifest.dependencies },
      ...Object.fromEntries([...kept].sort().map((path) => [path, forProduction(lock.packages[path] ?? {})])),
    },
  };
}

/** Where Node finds `name` from the package at `from`: its own node_modules, or the next one above. */
function placeOf(lock: Lockfile, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

/** What is only for development or a peer in the project is neither here. */
function forProduction({ dev: _dev, devOptional: _devOptional, peer: _peer, ...locked }: LockedPackage): LockedPackage {
  return locked;
}
