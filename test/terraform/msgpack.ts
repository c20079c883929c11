// The part of MessagePack that Terraform's values need: nil, booleans, numbers, strings, arrays, maps, and the extension that means "unknown".

/** A value Terraform does not know before an apply. */
export const unknown: unique symbol = Symbol('unknown');

export type Value =
  | null
  | boolean
  | number
  | string
  | typeof unknown
  | readonly Value[]
  | { readonly [key: string]: Value };

/** The value in `bytes`. Throws on a type outside the part above. */
export function decode(bytes: Uint8Array): Value {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    return buffer.subarray(at - length, at);
  };
  const text = (length: number): string => take(length).toString('utf8');
  const list = (length: number): Value[] => Array.from({ length }, () => read());
  const map = (length: number): Value =>
    Object.fromEntries(Array.from({ length }, () => [String(read()), read()] as const));
  const extension = (length: number): Value => {
    take(length + 1);
    return unknown;
  };
  const readers: Readonly<Record<number, () => Value>> = {
    192: () => null,
    194: () => false,
    195: () => true,
    199: () => extension(take(1).readUInt8()),
    202: () => take(4).readFloatBE(),
    203: () => take(8).readDoubleBE(),
    204: () => take(1).readUInt8(),
    205: () => take(2).readUInt16BE(),
    206: () => take(4).readUInt32BE(),
    207: () => Number(take(8).readBigUInt64BE()),
    208: () => take(1).readInt8(),
    209: () => take(2).readInt16BE(),
    210: () => take(4).readInt32BE(),
    211: () => Number(take(8).readBigInt64BE()),
    212: () => extension(1),
    217: () => text(take(1).readUInt8()),
    218: () => text(take(2).readUInt16BE()),
    219: () => text(take(4).readUInt32BE()),
    220: () => list(take(2).readUInt16BE()),
    221: () => list(take(4).readUInt32BE()),
    222: () => map(take(2).readUInt16BE()),
    223: () => map(take(4).readUInt32BE()),
  };
  function read(): Value {
    const type = take(1).readUInt8();
    if (type <= 0x7f) return type;
    if (type <= 0x8f) return map(type & 0x0f);
    if (type <= 0x9f) return list(type & 0x0f);
    if (type <= 0xbf) return text(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    const reader = readers[type];
    if (reader === undefined)
      throw new Error(`MessagePack type 0x${type.toString(16)} is not one of Terraform's values`);
    return reader();
  }
  return read();
}

/** `value` as MessagePack; long forms only, which every reader takes. */
export function encode(value: Value): Buffer {
  if (value === unknown) return Buffer.from([0xd4, 0, 0]);
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? integer(value) : double(value);
  if (typeof value === 'string') return withLength(0xdb, Buffer.byteLength(value), [Buffer.from(value)]);
  if (isList(value)) return withLength(0xdd, value.length, value.map(encode));
  const entries = Object.entries(value);
  return withLength(
    0xdf,
    entries.length,
    entries.flatMap(([key, item]) => [encode(key), encode(item)]),
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function withLength(type: number, length: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, ...parts]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(0xd3);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
