// Writes the structures of Parquet's metadata: Thrift's compact protocol, as far as Parquet needs it.

/** A value of a field: whole numbers say their width, because the protocol does. */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly list: readonly ThriftValue[]; readonly of: 'i32' | 'text' | 'struct' }
  | { readonly struct: ThriftStruct };

/** Fields by their ids, in ascending order; absent ones are left out. */
export type ThriftStruct = readonly (readonly [id: number, value: ThriftValue | undefined])[];

const types = { i32: 5, i64: 6, text: 8, list: 9, struct: 12, isTrue: 1, isFalse: 2 };

/** The bytes of a structure. Source: Thrift's compact protocol specification (field headers by delta, zigzag varints). */
export function encodeThrift(struct: ThriftStruct): Buffer {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  };
  const content = (value: ThriftValue): void => {
    if ('i32' in value) varint(value.i32 * 2);
    else if ('i64' in value) varint(value.i64 * 2);
    else if ('text' in value) {
      const text = Buffer.from(value.text);
      varint(text.length);
      bytes.push(...text);
    } else if ('list' in value) {
      const { length } = value.list;
      bytes.push((Math.min(length, 15) << 4) | types[value.of]);
      if (length >= 15) varint(length);
      value.list.forEach(content);
    } else if ('struct' in value) fields(value.struct);
  };
  const fields = (of: ThriftStruct): void => {
    let last = 0;
    for (const [id, value] of of) {
      if (value === undefined) continue;
      bytes.push(((id - last) << 4) | typeOf(value));
      content(value);
      last = id;
    }
    bytes.push(0);
  };
  fields(struct);
  return Buffer.from(bytes);
}

function typeOf(value: ThriftValue): number {
  if ('bool' in value) return value.bool ? types.isTrue : types.isFalse;
  if ('i32' in value) return types.i32;
  if ('i64' in value) return types.i64;
  if ('text' in value) return types.text;
  return 'list' in value ? types.list : types.struct;
}
