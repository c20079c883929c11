// Two projects: everything that must pass on any machine, and the suites on Google's emulators (`npm run test:emulators`).

import { configDefaults, defineConfig } from 'vitest/config';

const shared = {
  // No test may look for Google's metadata server or print stack traces to callers.
  env: { NODE_ENV: 'production', METADATA_SERVER_DETECTION: 'none' },
  testTimeout: 60_000,
  hookTimeout: 120_000,
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
