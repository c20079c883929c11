// Reads the ranges of a load, at most so many at once, each on a connection of its own from a pool; a failed range is tried again.

import { retried } from './retry-work.ts';
import type { OpenSource, ReadResult, Relation, SourceColumn, SourceConnection } from './source-reader.ts';

export type ReadPlan = {
  readonly relations: readonly Relation[];
  readonly columns: readonly SourceColumn[];
  readonly parallelism: number;
  /** Memory for the rows each reader gathers before it writes them. */
  readonly groupBytes: number;
  /** A connection that is open already, for the first reader. */
  readonly first: SourceConnection;
  readonly open: OpenSource;
  readonly signal: AbortSignal;
  fileOf(index: number): string;
  /** Rows and bytes that came; negative when a failed try takes its own back. */
  onRows(rows: number, bytes: number): void;
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

  /** Reads one range, on the given connection if it still stands; answers the connection that did it. */
  const readOne = (index: number, given: SourceConnection | undefined): Promise<SourceConnection> => {
    const relation = relations[index] as Relation;
    const file = plan.fileOf(index);
    let connection = given;
    return retried(stopped.signal, plan.onRetry, async () => {
      let rowsSoFar = 0;
      let bytesSoFar = 0;
      try {
        connection ??= await plan.open(stopped.signal);
        connections.add(connection);
        stopped.signal.throwIfAborted();
        const onRows = (rows: number, bytes: number) => {
          rowsSoFar += rows;
          bytesSoFar += bytes;
          plan.onRows(rows, bytes);
        };
        const { groupBytes } = plan;
        const result = await connection.readInto({ file, groupBytes, onRows }, relation, plan.columns);
        plan.onRange(file, result);
        return connection;
      } catch (error) {
        plan.onRows(-rowsSoFar, -bytesSoFar);
        if (connection !== undefined) connections.delete(connection);
        connection?.destroy();
        connection = undefined;
        throw error;
      }
    });
  };

  const count = Math.max(1, Math.min(plan.parallelism, relations.length));
  await Promise.all(Array.from({ length: count }, (_, index) => reader(index === 0 ? plan.first : undefined)));
  signal.removeEventListener('abort', halt);
  signal.throwIfAborted();
  if (failure !== undefined) throw failure;
}
