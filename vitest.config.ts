// Two projects: everything that must pass on any machine, and the suites on Google's emulators (`npm run test:emulators`).

import { configDefaults, defineConfig } from 'vitest/config';

const shared = {
  env: {
    // No test may look for Google's metadata server or print stack traces to callers.
    NODE_ENV: 'production',
    METADATA_SERVER_DETECTION: 'none',
    // Half of a command's start is compiling its imports (measured: 2.3 s of processor time without, 1.2 s with), and tests start a hundred.
    NODE_COMPILE_CACHE: new URL('node_modules/.cache/compile', import.meta.url).pathname,
  },
  // A guard against what hangs, not a measure: a machine may be slow, and busy with a second file.
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    // The default leaves one core idle: on two cores the whole run takes 300 s instead of 190.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...shared,
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/**/*.emulator.test.ts'],
          globalSetup: ['test/support/announce-emulators.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'emulators',
          include: ['test/**/*.emulator.test.ts'],
          globalSetup: ['test/support/start-emulators.ts'],
          // One emulator each serves every file; a restart test must not pull it away under another file.
          fileParallelism: false,
        },
      },
    ],
  },
});
