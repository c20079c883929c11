// Streams COPY … TO STDOUT of one connection into a file with no work per value: the message headers are cut out of each chunk in place.
//
// Measured on two cores, 500,000 rows of 112 bytes, four connections (median of repeated runs; same table, same machine, nothing else):
//   pg-copy-streams into nothing          0.20-0.25 s, 0.10 s of Node's CPU
//   this, written to files                0.19-0.22 s, 0.08 s of Node's CPU
//   COPY (FORMAT csv) instead of text     0.34-0.36 s: the server looks for quotes in every value
//   COPY (FORMAT binary)                  0.19-0.20 s, but DuckDB cannot read it
// Writes are synchronous on purpose: a chunk goes to the page cache in some 15 µs, less than handing it to the thread pool costs, and the
// next chunk is not taken from the socket before this one is written, so memory stays constant.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { takeBytes } from './postgres-socket.ts';
import type { ReadResult } from './source-reader.ts';

/** Runs a COPY … TO STDOUT (text format) and writes its rows into a new file. Rejects with the server's error. */
export function copyToFile(
  client: pg.Client,
  sql: string,
  file: string,
  onBytes: (count: number) => void,
): Promise<ReadResult> {
  const fd = openSync(file, 'w');
  const frames = createFrameCutter();
  let bytes = 0;
  let rows = 0;
  let escapes = false;
  const write = (chunk: Buffer): void => {
    for (let written = 0; written < chunk.length; ) written += writeSync(fd, chunk, written);
    bytes += chunk.length;
    escapes ||= hasEscapes(chunk);
    onBytes(chunk.length);
  };
  return new Promise<ReadResult>((resolve, reject) => {
    const query = {
      submit(connection: { stream: Socket; query(text: string): void }) {
        divert(connection.stream, frames, write);
        connection.query(sql);
      },
      handleError: reject,
      handleCommandComplete(message: { text?: string }) {
        rows = Number(/^COPY (\d+)/.exec(message.text ?? '')?.[1] ?? 0);
      },
      handleReadyForQuery() {
        resolve({ rows, bytes, longestRow: frames.longest(), escapes });
      },
    };
    // pg takes any object with `submit`; its types know only its own query class.
    client.query(query as unknown as pg.Submittable);
  }).finally(() => closeSync(fd));
}

/** While the copy lasts its bytes go to the cutter; the first message that is not part of it goes to pg's own parser, with all that follows. */
function divert(stream: Socket, frames: FrameCutter, write: (chunk: Buffer) => void): void {
  const release = takeBytes(stream, (chunk) => {
    const { data, rest } = frames.cut(chunk);
    if (data.length > 0) write(data);
    if (rest !== undefined) release(rest);
  });
}

export type FrameCutter = {
  /** The row bytes of a chunk, moved together in place; `rest` begins with the message that ends the copy, once it has come. */
  cut(chunk: Buffer): { data: Buffer; rest?: Buffer };
  /** Bytes of the longest row so far. */
  longest(): number;
};

const copyData = 0x64;
/** Messages that may stand before or between rows and mean nothing here: CopyOutResponse, notice, parameter status, notification. */
const passedOver = new Set([0x48, 0x4e, 0x53, 0x41]);

/** Cuts the messages of PostgreSQL's copy-out protocol (one CopyData per row); chunks may end anywhere. */
export function createFrameCutter(): FrameCutter {
  let head: Buffer | undefined;
  let rowLeft = 0;
  let skipLeft = 0;
  let longest = 0;
  return {
    longest: () => longest,
    cut(arrived) {
      const chunk = head === undefined ? arrived : Buffer.concat([head, arrived]);
      head = undefined;
      const size = chunk.length;
      let source = Math.min(skipLeft, size);
      skipLeft -= source;
      let target = 0;
      const keep = (count: number) => {
        chunk.copyWithin(target, source, source + count);
        target += count;
        source += count;
      };
      const begun = Math.min(rowLeft, size - source);
      rowLeft -= begun;
      keep(begun);
      while (source < size) {
        const code = chunk[source] ?? 0;
        if (code !== copyData && !passedOver.has(code)) {
          return { data: chunk.subarray(0, target), rest: Buffer.from(chunk.subarray(source)) };
        }
        if (size - source < 5) {
          head = Buffer.from(chunk.subarray(source));
          break;
        }
        const length = chunk.readInt32BE(source + 1) - 4;
        source += 5;
        const here = Math.min(length, size - source);
        if (code === copyData) {
          if (length > longest) longest = length;
          rowLeft = length - here;
          keep(here);
        } else {
          source += here;
          skipLeft = length - here;
        }
      }
      return { data: chunk.subarray(0, target) };
    },
  };
}

const backslash = 0x5c;
const letterN = 0x4e;

/** True if a backslash stands for anything but NULL (`\N`); a chunk that ends in one counts, to be on the safe side. */
function hasEscapes(chunk: Buffer): boolean {
  for (let at = chunk.indexOf(backslash); at >= 0; at = chunk.indexOf(backslash, at + 2)) {
    if (chunk[at + 1] !== letterN) return true;
  }
  return false;
}
