// Streams COPY … TO STDOUT (FORMAT binary) of one connection into a Parquet file, as the bytes arrive.
//
// Measured on two cores: 500,000 rows of the demo's table (twelve columns, 64 MB), eight connections, CPU in ms of PostgreSQL / this
// process while reading / DuckDB while inserting into its file:
//   text into files, DuckDB reads them as CSV      590 /  70 / 420   (the first version of this service)
//   CSV instead of text                            820 /  70 / 460   PostgreSQL looks for quotes in every value
//   binary, taken apart here into Parquet          400 / 130 / 290
//   for comparison, text into nothing by pg-copy-streams: 590 / 140
// On a machine that does nothing else the whole load takes 410 ms from RUNNING to DONE, COPY into nothing 370 ms (test/bench/local-load.ts).
// So the two texts that nobody needs, the server's and the reader's, cost more than taking 6 million values apart in JavaScript (55 ms).
//
// Writes are synchronous on purpose: a row group goes to the page cache in less time than handing it to the thread pool takes, and the
// next bytes are not taken from the socket before it is written, so memory stays constant.

import type { Socket } from 'node:net';
import type pg from 'pg';
import { createCopyRows, type ReadRow } from './rows.ts';
import { takeBytes } from './socket.ts';

/** Runs a COPY … TO STDOUT (FORMAT binary); answers the number of rows. Rejects with the server's error or that of `readRow`. */
export function copyRows(
  client: pg.Client,
  sql: string,
  readRow: ReadRow,
  onRows: (rows: number, bytes: number) => void,
): Promise<number> {
  const rows = createCopyRows(readRow);
  let tag = '';
  return new Promise<number>((resolve, reject) => {
    const query = {
      submit(connection: { stream: Socket; query(text: string): void }) {
        const { stream } = connection;
        const release = takeBytes(stream, (chunk) => {
          try {
            const { rest, taken, rowBytes } = rows.take(chunk);
            if (taken > 0) onRows(taken, rowBytes);
            if (rest !== undefined) release(rest);
          } catch (error) {
            // The rest of the copy cannot be used; the connection cannot be, either.
            stream.destroy();
            reject(error);
          }
        });
        connection.query(sql);
      },
      handleError: reject,
      handleCommandComplete(message: { text?: string }) {
        tag = message.text ?? '';
      },
      handleReadyForQuery() {
        resolve(Number(/^COPY (\d+)/.exec(tag)?.[1] ?? 0));
      },
    };
    // pg takes any object with `submit`; its types know only its own query class.
    client.query(query as unknown as pg.Submittable);
  });
}
