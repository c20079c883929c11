// Spreads seeds over worker threads, as many as there are cores.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result, Task } from './worker.ts';

export type Crew = {
  readonly size: number;
  play(task: Omit<Task, 'id'>): Promise<Result>;
  close(): Promise<void>;
};

export function createCrew(size = availableParallelism()): Crew {
  const waiting: Task[] = [];
  const answers = new Map<number, PromiseWithResolvers<Result>>();
  const idle: Worker[] = [];
  let tasks = 0;

  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: 'simulation' });
    worker.on('message', (result: Result) => {
      answers.get(result.id)?.resolve(result);
      answers.delete(result.id);
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

  return {
    size,
    play(task) {
      tasks += 1;
      const answer = Promise.withResolvers<Result>();
      answers.set(tasks, answer);
      waiting.push({ ...task, id: tasks });
      const worker = idle.pop();
      if (worker !== undefined) give(worker);
      return answer.promise;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
