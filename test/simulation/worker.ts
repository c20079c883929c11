// A worker thread: calls functions of bundles, one at a time, and posts what they answer.

import { parentPort, workerData } from 'node:worker_threads';

export type Task = { readonly id: number; readonly bundle: string; readonly run: string; readonly args: unknown };
export type Answer = { readonly id: number; readonly value: unknown };

type Functions = Readonly<Record<string, (args: unknown) => Promise<unknown>>>;

// Errors are part of the play and thrown by the million; nobody reads their stacks.
Error.stackTraceLimit = 0;

const bundles = new Map<string, Promise<Functions>>();

async function answer({ id, bundle, run, args }: Task): Promise<Answer> {
  const loaded = bundles.get(bundle) ?? (import(bundle) as Promise<Functions>);
  bundles.set(bundle, loaded);
  const called = (await loaded)[run];
  if (called === undefined) throw new Error(`${bundle} has no function ${run}`);
  return { id, value: await called(args) };
}

if (workerData === 'simulation') {
  parentPort?.on('message', async (task: Task) => {
    parentPort?.postMessage(await answer(task));
  });
}
