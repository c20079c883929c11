// The rows of PostgreSQL's copy protocol, cut out of chunks that end anywhere.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameCutter } from '../../local/dataflow/postgres-copy.ts';

const message = (code: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

test('whatever the chunks, the rows come out whole and what follows the copy goes to pg', () => {
  const rows = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  const noises = fc.array(fc.constantFrom('N', 'S', 'A'), { maxLength: 3 });
  fc.assert(
    fc.property(rows, noises, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (bodies, noise, sizes) => {
      const data = bodies.map((body) => message('d', Buffer.from(body)));
      const between = noise.map((code) => message(code, Buffer.from('said by the way')));
      const end = Buffer.concat([message('c', Buffer.alloc(0)), message('C', Buffer.from('COPY 3\0'))]);
      const middle = Math.floor(data.length / 2);
      const stream = Buffer.concat([
        message('H', Buffer.from([0, 0, 1, 0, 0])),
        ...data.slice(0, middle),
        ...between,
        ...data.slice(middle),
        end,
      ]);
      const cutter = createFrameCutter();
      const out: Buffer[] = [];
      let rest: Buffer | undefined;
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        const chunk = Buffer.from(stream.subarray(at, at + size));
        at += size;
        if (rest !== undefined) {
          rest = Buffer.concat([rest, chunk]);
          continue;
        }
        const cut = cutter.cut(chunk);
        out.push(Buffer.from(cut.data));
        rest = cut.rest;
      }
      expect(Buffer.concat(out)).toEqual(Buffer.concat(bodies.map((body) => Buffer.from(body))));
      expect(rest).toEqual(end);
      expect(cutter.longest()).toBe(Math.max(0, ...bodies.map((body) => body.length)));
    }),
  );
});
