// The instances of the functions: real processes that are killed and started again, as Cloud Run does with its own.

import { freePort } from '../../local/free-port.ts';
import { type FunctionProcess, type FunctionTarget, startFunctionProcess } from '../support/function-process.ts';

export type Instances = {
  /** The next living instance of the target in turn; undefined while none lives. */
  next(target: FunctionTarget): FunctionProcess | undefined;
  /** How many there are when all live. */
  readonly wanted: number;
  /** All living instances. */
  living(): readonly FunctionProcess[];
  /** Milliseconds from spawn to listening, of every start so far. */
  readonly startMs: readonly number[];
  /** Ends every instance and starts no more. */
  stop(): Promise<void>;
};

/** Starts `counts[target]` instances of each target and keeps that many: whatever ends is started again. Rejects when one cannot start. */
export async function keepInstances(options: {
  readonly source: string;
  readonly counts: Readonly<Record<FunctionTarget, number>>;
  readonly env: Readonly<Record<string, string>>;
  readonly output: number;
}): Promise<Instances> {
  const living = new Set<FunctionProcess>();
  const turns = new Map<FunctionTarget, number>();
  const startMs: number[] = [];
  let stopping = false;

  async function start(target: FunctionTarget): Promise<FunctionProcess> {
    const begun = performance.now();
    const instance = await startFunctionProcess({ ...options, target, port: await freePort(0, '--port') });
    startMs.push(performance.now() - begun);
    living.add(instance);
    void instance.ended.then(() => living.delete(instance));
    return instance;
  }

  /** One place: its instance is replaced whenever it ends. A lost port (somebody took it in between) is one more try. */
  async function keep(first: FunctionProcess): Promise<void> {
    for (let instance: FunctionProcess | undefined = first; ; ) {
      await instance?.ended;
      if (stopping) return;
      instance = await start(first.target).catch(() => undefined);
      if (stopping) await instance?.end('SIGKILL');
    }
  }

  // The compile cache (NODE_COMPILE_CACHE) is written by a process that ends in peace, and there will be none later.
  await (await start('onRecommendation')).end('SIGTERM');
  const targets = Object.entries(options.counts) as [FunctionTarget, number][];
  const started = await Promise.all(
    targets.flatMap(([target, count]) => Array.from({ length: count }, () => start(target))),
  );
  const places = started.map(keep);

  return {
    startMs,
    wanted: places.length,
    living: () => [...living],
    next(target) {
      const candidates = [...living].filter((instance) => instance.target === target);
      const turn = (turns.get(target) ?? 0) + 1;
      turns.set(target, turn);
      return candidates[turn % candidates.length];
    },
    async stop() {
      stopping = true;
      await Promise.all([...living].map((instance) => instance.end('SIGKILL')));
      await Promise.all(places);
    },
  };
}
