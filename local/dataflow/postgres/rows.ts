// Finds the rows in the messages of PostgreSQL's binary copy-out protocol; chunks may end anywhere.

/** Reads the row that stands at `at`; answers where the next one begins, -1 at the end of the copy. */
export type ReadRow = (bytes: Buffer, view: DataView, at: number) => number;

export type CopyRows = {
  /** Takes a chunk, which is only lent; `rest` begins with the message that ends the copy, once it has come. */
  take(chunk: Buffer): Taken;
};

/** `taken` rows with `rowBytes` bytes were read. */
export type Taken = { readonly rest?: Buffer; readonly taken: number; readonly rowBytes: number };

const copyData = 0x64;
/** Messages that may stand before or between rows and mean nothing here: CopyOutResponse, notice, parameter status, notification. */
const passedOver = new Set([0x48, 0x4e, 0x53, 0x41]);
/** Signature, flags and the length of the header's extension, which open the first message. */
const headerBytes = 19;

/** Rows go to `readRow` where they lie in the chunk; only the message that a chunk cuts in two is put together first. */
export function createCopyRows(readRow: ReadRow): CopyRows {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let begun = false;
  let taken = 0;

  /** The rows of one CopyData message. */
  const readRows = (bytes: Buffer, view: DataView, from: number, to: number): void => {
    let at = from;
    if (!begun) {
      at += headerBytes + view.getInt32(from + headerBytes - 4);
      begun = true;
    }
    while (at >= 0 && at < to) {
      at = readRow(bytes, view, at);
      if (at >= 0) taken += 1;
    }
  };

  /** Works off the whole messages from `from` on; `end` is where the first incomplete one begins. */
  const readMessages = (bytes: Buffer, from: number): { end: number; rest?: Buffer; rowBytes: number } => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let rowBytes = 0;
    let at = from;
    while (at < bytes.length) {
      const code = bytes[at] ?? 0;
      if (code !== copyData && !passedOver.has(code))
        return { end: at, rest: Buffer.from(bytes.subarray(at)), rowBytes };
      if (bytes.length - at < 5) break;
      const next = at + 1 + view.getUint32(at + 1);
      if (next > bytes.length) break;
      if (code === copyData) {
        readRows(bytes, view, at + 5, next);
        rowBytes += next - at - 5;
      }
      at = next;
    }
    return { end: at, rowBytes };
  };

  const hold = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    held.push(Buffer.from(bytes));
    heldBytes += bytes.length;
  };

  return {
    take(chunk) {
      let used = 0;
      let rowBytes = 0;
      taken = 0;
      if (heldBytes > 0) {
        const head = Buffer.concat([...held.slice(0, 5), chunk.subarray(0, 5)]);
        const needed = head.length < 5 ? Number.POSITIVE_INFINITY : 1 + head.readUInt32BE(1);
        used = needed - heldBytes;
        if (used > chunk.length) {
          hold(chunk);
          return { taken, rowBytes };
        }
        rowBytes += readMessages(Buffer.concat([...held, chunk.subarray(0, used)]), 0).rowBytes;
        held = [];
        heldBytes = 0;
      }
      const read = readMessages(chunk, used);
      if (read.rest === undefined) hold(chunk.subarray(read.end));
      rowBytes += read.rowBytes;
      return { taken, rowBytes, ...(read.rest === undefined ? {} : { rest: read.rest }) };
    },
  };
}
