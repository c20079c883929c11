// Spreads work over worker threads, as many as there are cores.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Range, Seen } from './play-range.ts';
import type { Answer, Task } from './worker.ts';

export type Crew = {
  /** What the function `run` of a bundle answers to `args`. */
  call(bundle: string, run: string, args: unknown): Promise<unknown>;
  /** Plays a range of seeds on a bundle of the simulation. */
  play(bundle: string, range: Range): Promise<Seen>;
  close(): Promise<void>;
};

export function createCrew(size = availableParallelism()): Crew {
  const waiting: Task[] = [];
  const answers = new Map<number, PromiseWithResolvers<unknown>>();
  const idle: Worker[] = [];
  let tasks = 0;

  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: 'simulation' });
    worker.on('message', ({ id, value }: Answer) => {
      answers.get(id)?.resolve(value);
      answers.delete(id);
      give(worker);
    });
    worker.on('error', (error) => {
      for (const { reject } of answers.values()) reject(error);
    });
    idle.push(worker);
    return worker;
  });

  function give(worker: Worker): void {
    const task = waiting.shift();
    if (task === undefined) idle.push(worker);
    else worker.postMessage(task);
  }

  const call: Crew['call'] = (bundle, run, args) => {
    tasks += 1;
    const answer = Promise.withResolvers<unknown>();
    answers.set(tasks, answer);
    waiting.push({ id: tasks, bundle, run, args });
    const worker = idle.pop();
    if (worker !== undefined) give(worker);
    return answer.promise;
  };
  return {
    call,
    play: (bundle, range) => call(bundle, 'playRange', range) as Promise<Seen>,
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
