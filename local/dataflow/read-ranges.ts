// Reads the ranges of a load, at most so many at once, each on a connection of its own from a pool; a failed range is tried again.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type OpenSource,
  type ReadResult,
  type Relation,
  type SourceColumn,
  type SourceConnection,
  SourceError,
} from './source-reader.ts';

/** Tries of one piece of work in batch jobs (Dataflow documentation: "a work item has failed 4 times", not configurable). */
const attempts = 4;
/** Pause before another try, times the number of the try; Dataflow's own back-off is longer. */
const pauseMs = 200;

export type ReadPlan = {
  readonly relations: readonly Relation[];
  readonly columns: readonly SourceColumn[];
  readonly parallelism: number;
  /** A connection that is open already, for the first reader. */
  readonly first: SourceConnection;
  readonly open: OpenSource;
  readonly signal: AbortSignal;
  fileOf(index: number): string;
  onBytes(count: number): void;
  onRange(file: string, result: ReadResult): void;
  /** A failed try; the read goes on. */
  onRetry(text: string): void;
};

/**
 * Resolves when every range is read; rejects with the first that failed for good, after all readers have stopped. Connections are reused
 * for the next range, as the templates' pooled data source does; a range never shares one.
 */
export async function readRanges(plan: ReadPlan): Promise<void> {
  const { relations, signal } = plan;
  const connections = new Set<SourceConnection>([plan.first]);
  const stopped = new AbortController();
  const halt = () => {
    stopped.abort();
    for (const connection of connections) connection.destroy();
  };
  signal.addEventListener('abort', halt, { once: true });
  if (signal.aborted) halt();
  let next = 0;
  let failure: unknown;

  const reader = async (given: SourceConnection | undefined): Promise<void> => {
    let connection = given;
    try {
      for (let index = next++; index < relations.length && !stopped.signal.aborted; index = next++) {
        connection = await readOne(index, connection);
      }
    } catch (error) {
      failure ??= error;
      halt();
    } finally {
      if (connection !== undefined) connections.delete(connection);
      await connection?.close().catch(() => undefined);
    }
  };

  const readOne = async (index: number, given: SourceConnection | undefined): Promise<SourceConnection> => {
    const relation = relations[index] as Relation;
    const file = plan.fileOf(index);
    let connection = given;
    for (let attempt = 1; ; attempt++) {
      let counted = 0;
      try {
        connection ??= await plan.open(stopped.signal);
        connections.add(connection);
        stopped.signal.throwIfAborted();
        const result = await connection.readInto(file, relation, plan.columns, (count) => {
          counted += count;
          plan.onBytes(count);
        });
        plan.onRange(file, result);
        return connection;
      } catch (error) {
        plan.onBytes(-counted);
        if (connection !== undefined) connections.delete(connection);
        connection?.destroy();
        connection = undefined;
        if (stopped.signal.aborted || !(error instanceof SourceError) || !error.transient) throw error;
        if (attempt === attempts) throw exhausted(error);
        plan.onRetry(error.message);
        await sleep(pauseMs * attempt, undefined, { signal: stopped.signal });
      }
    }
  };

  const count = Math.max(1, Math.min(plan.parallelism, relations.length));
  await Promise.all(Array.from({ length: count }, (_, index) => reader(index === 0 ? plan.first : undefined)));
  signal.removeEventListener('abort', halt);
  signal.throwIfAborted();
  if (failure !== undefined) throw failure;
}

function exhausted(error: Error): Error {
  return new Error(
    `The job failed because a work item has failed ${attempts} times. Look in previous log entries for the cause of each one of the ${attempts} failures. Root cause: ${error.message}`,
  );
}
