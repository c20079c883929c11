// The values of one column on their way into a Parquet file: plain bytes that grow, and a bit per row that says whether it has one.

/**
 * Open on purpose: whoever fills it writes into `data` or `words` itself, because a call per value would cost more than the value.
 * `position` counts bytes, but bits in a column of booleans.
 */
export type ColumnBuffer = {
  data: Uint8Array;
  /** The same bytes, four at a time in the machine's order, which Parquet's plain encoding is on every machine Node runs on. */
  words: Int32Array;
  position: number;
  /** Bit n (lowest first) tells whether row n has a value. */
  present: Uint8Array;
  nulls: number;
};

const firstBytes = 16 * 1024;

export function createColumnBuffer(): ColumnBuffer {
  const data = new Uint8Array(firstBytes);
  return { data, words: new Int32Array(data.buffer), position: 0, present: new Uint8Array(firstBytes / 16), nulls: 0 };
}

/** Makes room for so many more bytes. */
export function reserve(column: ColumnBuffer, bytes: number): void {
  const needed = column.position + bytes;
  if (needed <= column.data.length) return;
  const grown = new Uint8Array(Math.max(column.data.length * 2, Math.ceil(needed / 8) * 8));
  grown.set(column.data);
  column.data = grown;
  column.words = new Int32Array(grown.buffer);
}

/** Notes that the row has a value. */
export function markPresent(column: ColumnBuffer, row: number): void {
  const at = row >> 3;
  if (at >= column.present.length) {
    const grown = new Uint8Array(column.present.length * 2);
    grown.set(column.present);
    column.present = grown;
  }
  column.present[at] = (column.present[at] ?? 0) | (1 << (row & 7));
}

const word = 4_294_967_296;

/** A whole number of up to 53 bits as a 64-bit one. */
export function putNumber(words: Int32Array, target: number, value: number): void {
  const high = Math.floor(value / word);
  words[target] = value - high * word;
  words[target + 1] = high;
}

/** Length, then the bytes; a copying loop beats a call up to some 40 bytes. */
export function putBytes(buffer: ColumnBuffer, bytes: Buffer, from: number, length: number): void {
  const { data } = buffer;
  let at = buffer.position;
  data[at] = length;
  data[at + 1] = length >> 8;
  data[at + 2] = length >> 16;
  data[at + 3] = length >> 24;
  at += 4;
  if (length < 40) for (let offset = 0; offset < length; offset++) data[at + offset] = bytes[from + offset] ?? 0;
  else data.set(bytes.subarray(from, from + length), at);
  buffer.position = at + length;
}

/** Empties the column; its memory stays. */
export function clear(column: ColumnBuffer, isBoolean: boolean): void {
  if (isBoolean) column.data.fill(0, 0, (column.position >> 3) + 1);
  column.present.fill(0);
  column.position = 0;
  column.nulls = 0;
}
