// How the steps of a command are told where nobody watches live: a line each, and progress that is neither a flood nor lost.

import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runSteps } from '../../local/start/steps.ts';

let written: string;
const stream = new Writable({
  write(chunk, _encoding, done) {
    written += String(chunk);
    done();
  },
}) as unknown as NodeJS.WriteStream;
beforeEach(() => {
  written = '';
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('the first progress is told at once, then the newest of each second, also when no other follows', async () => {
  const work = Promise.withResolvers<string>();
  const running = runSteps(
    [
      {
        title: 'Load',
        run: (say) => {
          for (const text of ['starting', 'seeding a little', 'seeding']) say(text);
          return work.promise;
        },
      },
    ],
    stream,
  );
  expect(written).toBe('  starting\n');
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toBe('  starting\n  seeding\n');
  work.resolve('Loaded');
  await running;
  await vi.advanceTimersByTimeAsync(5000);
  expect(written).toBe('  starting\n  seeding\n✔ Loaded\n');
});

test('a step that fails is told, and the later ones are not run', async () => {
  const steps = [
    { title: 'First', run: () => Promise.reject(new Error('no')) },
    { title: 'Second', run: async () => expect.fail('it ran') },
  ];
  await expect(runSteps(steps, stream)).rejects.toThrow('no');
  expect(written).toBe('✖ First\n');
});
