// The rows of PostgreSQL's binary copy protocol, found in chunks that end anywhere.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCopyRows } from '../../local/dataflow/postgres/rows.ts';

const message = (code: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
/** A row as far as this test reads it: its length, then its bytes. */
const row = (body: Uint8Array): Buffer => Buffer.concat([Buffer.from([body.length]), body]);
const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);

test('whatever the chunks, the rows come out whole and what follows the copy goes to pg', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 });
  const noises = fc.array(fc.constantFrom('N', 'S', 'A'), { maxLength: 3 });
  fc.assert(
    fc.property(bodies, noises, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (rows, noise, sizes) => {
      const [first = new Uint8Array(), ...others] = rows;
      const data = [Buffer.concat([header, row(first)]), ...others.map(row)].map((body) => message('d', body));
      const between = noise.map((code) => message(code, Buffer.from('said by the way')));
      const end = Buffer.concat([message('c', Buffer.alloc(0)), message('C', Buffer.from('COPY 3\0'))]);
      const middle = Math.ceil(data.length / 2);
      const opening = message('H', Buffer.from([1, 0, 1, 0, 1]));
      const stream = Buffer.concat([opening, ...data.slice(0, middle), ...between, ...data.slice(middle), end]);

      const seen: Buffer[] = [];
      const copy = createCopyRows((buffer, view, at) => {
        const next = at + 1 + view.getUint8(at);
        seen.push(Buffer.from(buffer.subarray(at + 1, next)));
        return next;
      });
      let rest: Buffer | undefined;
      let counted = 0;
      let bytes = 0;
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const chunk = Buffer.from(stream.subarray(at, at + (sizes[turn % sizes.length] ?? 1)));
        at += chunk.length;
        if (rest !== undefined) {
          rest = Buffer.concat([rest, chunk]);
          continue;
        }
        const taken = copy.take(chunk);
        counted += taken.taken;
        bytes += taken.rowBytes;
        rest = taken.rest;
        // The chunk was only lent.
        chunk.fill(0xee);
      }
      expect(seen).toEqual(rows.map((body) => Buffer.from(body)));
      expect(rest).toEqual(end);
      expect(counted).toBe(rows.length);
      expect(bytes).toBe(data.reduce((sum, one) => sum + one.length - 5, 0));
    }),
  );
});
