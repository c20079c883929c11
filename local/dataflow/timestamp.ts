// Epoch milliseconds as google.protobuf.Timestamp and back.

export type Timestamp = { readonly seconds: number | string; readonly nanos: number };

/** The wire form of a time in epoch ms. */
export function toTimestamp(epochMs: number): Timestamp {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds, nanos: (epochMs - seconds * 1000) * 1_000_000 };
}

/** Epoch ms of a wire time, undefined if it was not sent. */
export function fromTimestamp(time: Timestamp | null | undefined): number | undefined {
  return time === null || time === undefined
    ? undefined
    : Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000);
}
