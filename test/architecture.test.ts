// Holds the tree to the rules of shared/ARCHITECTURE.md: which way imports point, where the outside world may be touched, how long a file may be.

import { globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const sources = globSync('{shared,functions,local,test}/**/*.ts', { cwd: root }).sort();

/** Rows of the map: a file imports from its own row or from rows above. */
const rows = [
  'shared/base/',
  'shared/schema/',
  'shared/plan/',
  'shared/recommend/',
  'shared/engine/',
  'shared/sql/',
  'shared/gcp/',
  'functions/',
  'local/',
  'test/',
];
const rowOf = (file: string): number => rows.findIndex((row) => file.startsWith(row));

/** Rows of equal rank that must not know each other. */
const strangers: readonly (readonly [string, string])[] = [['shared/gcp/', 'shared/sql/']];

type Import = { readonly from: string; readonly to: string };

/** Every import of a file: static, type-only, re-exported and dynamic. */
function importsOf(file: string): Import[] {
  const { module } = parseSync(file, readFileSync(resolve(root, file), 'utf8'));
  const targets = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    // A dynamic import of an expression names nothing that could be checked.
    ...module.dynamicImports
      .map(({ moduleRequest }) =>
        readFileSync(resolve(root, file), 'utf8').slice(moduleRequest.start, moduleRequest.end),
      )
      .filter((text) => /^['"]/.test(text))
      .map((text) => text.slice(1, -1)),
  ];
  return targets.map((to) => ({
    from: file,
    to: to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)) : to,
  }));
}

const imports = sources.flatMap(importsOf);

describe('the tree', () => {
  test('is seen by these tests', () => {
    expect(sources.length).toBeGreaterThan(80);
    expect(imports.length).toBeGreaterThan(200);
  });

  test('has every source file on the map', () => {
    expect(sources.filter((file) => rowOf(file) === -1 && file !== 'test/architecture.test.ts')).toEqual([]);
  });

  test('imports only upwards on the map', () => {
    const wrong = imports.filter(({ from, to }) => rowOf(to) > rowOf(from) && rowOf(from) !== -1);
    expect(wrong).toEqual([]);
  });

  test('keeps neighbours that must not know each other apart', () => {
    const wrong = imports.filter(({ from, to }) =>
      strangers.some(
        ([left, right]) =>
          (from.startsWith(left) && to.startsWith(right)) || (from.startsWith(right) && to.startsWith(left)),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('touches Google only through shared/gcp, and the framework only at the edge', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (from.startsWith('test/')) return false;
      if (to.startsWith('@google-cloud/functions-framework'))
        return !from.startsWith('functions/') && !from.startsWith('local/');
      return to.startsWith('@google-cloud/') && !from.startsWith('shared/gcp/') && !from.startsWith('local/dataflow/');
    });
    expect(wrong).toEqual([]);
  });

  test('reads the environment in functions/wire.ts and local/ alone', () => {
    const wrong = sources
      .filter((file) => file !== 'functions/wire.ts' && !file.startsWith('local/') && !file.startsWith('test/'))
      .filter((file) => /process\.env\b/.test(readFileSync(resolve(root, file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  test('reads the clock through the Clock port alone', () => {
    const wrong = sources
      .filter((file) => file.startsWith('shared/') || file.startsWith('functions/'))
      .filter((file) => file !== 'shared/base/clock.ts' && file !== 'shared/base/log.ts')
      .filter((file) => !/write-schemas|\/data\/refresh/.test(file))
      .filter((file) =>
        /Date\.now\(\)|new Date\(\)|performance\.now\(\)/.test(readFileSync(resolve(root, file), 'utf8')),
      );
    expect(wrong).toEqual([]);
  });

  test('has no file of more than 400 lines, and names in kebab case', () => {
    const long = sources.filter((file) => readFileSync(resolve(root, file), 'utf8').split('\n').length > 401);
    expect(long).toEqual([]);
    expect(sources.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  test('has no barrel, base, helper, util or manager', () => {
    expect(
      sources.filter((file) => /(^|[/-])(utils?|helpers?|manager|base-\w+|common|misc)([/.-]|$)/.test(file)),
    ).toEqual([]);
    const barrels = sources.filter((file) => /^export \* from/m.test(readFileSync(resolve(root, file), 'utf8')));
    expect(barrels).toEqual([]);
  });
});

describe('package.json', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const nameOf = (target: string): string =>
    target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
  const external = imports.filter(
    ({ to }) => !to.startsWith('node:') && rowOf(to) === -1 && !to.endsWith('.ts') && !to.endsWith('.json'),
  );

  test('pins exact versions', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('lists every package that is imported, and deployed code imports no devDependency', () => {
    const unlisted = external.filter(
      ({ to }) => dependencies[nameOf(to)] === undefined && devDependencies[nameOf(to)] === undefined,
    );
    expect(unlisted.map(({ from, to }) => `${from}: ${to}`)).toEqual([]);
    const deployed = external.filter(
      ({ from, to }) =>
        (from.startsWith('shared/') || from.startsWith('functions/')) &&
        !['functions/build.ts', 'functions/package.ts'].includes(from) &&
        dependencies[nameOf(to)] === undefined,
    );
    expect(deployed).toEqual([]);
  });

  test('has a lockfile that names the optional packages of every platform, or `npm ci` fails on all of them', () => {
    const { packages } = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
    };
    const missing = Object.values(packages)
      .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => packages[`node_modules/${name}`] === undefined);
    expect(missing).toEqual([]);
    expect(Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  });

  test('allows the install scripts of exactly the packages that have one', () => {
    const { packages } = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const { allowScripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
      allowScripts: Record<string, boolean>;
    };
    const scripted = Object.entries(packages)
      .filter(([, entry]) => entry.hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(scripted)].sort());
  });
});
