// `npm run build`: bundles the functions into dist/, a folder that runs by itself under the functions framework.

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const out = new URL('dist/', root);
const { version, dependencies } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

/** The framework loads the bundle and must be the same module in both; the rest goes into the bundle, clients' proto JSON included. */
const external = ['@google-cloud/functions-framework'];

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const result = await build({
  entryPoints: [new URL('functions/index.ts', root).pathname],
  outfile: new URL('dist/index.js', root).pathname,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Google's clients are CommonJS and look for require, __filename and __dirname at run time.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      "import { fileURLToPath as __fileURLToPath } from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __fileURLToPath(import.meta.url);',
      "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
    ].join(' '),
  },
  external,
  metafile: true,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'external',
  logLevel: 'warning',
});
await writeFile(
  new URL('package.json', out),
  `${JSON.stringify(
    {
      name: 'streamnova-functions',
      version,
      private: true,
      type: 'module',
      main: 'index.js',
      engines: { node: '24' },
      dependencies: Object.fromEntries(external.map((name) => [name, dependencies[name]])),
    },
    null,
    2,
  )}\n`,
);
await cp(new URL('LICENSE', root), new URL('LICENSE', out)).catch(() => undefined);
const [bytes] = Object.entries(result.metafile.outputs)
  .filter(([name]) => name.endsWith('index.js'))
  .map(([, output]) => output.bytes);
console.log(
  `dist/index.js ${((bytes ?? 0) / 1024 / 1024).toFixed(1)} MiB from ${Object.keys(result.metafile.inputs).length} files`,
);
