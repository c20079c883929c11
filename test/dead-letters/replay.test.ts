// Replaying dead letters: nothing changes without --yes, nothing is lost with it, and each letter is told in one line.

import { describe, expect, test } from 'vitest';
import { replayDeadLetters } from '../../local/replay-dead-letters.ts';
import { EngineError } from '../../shared/base/errors.ts';
import { type DeadLetter, type DeadLetters, letterOf } from '../../shared/gcp/dead-letters.ts';

const aLetter = (messageId: string, data: unknown = { runId: `run-${messageId}` }): DeadLetter => ({
  ackId: `ack-${messageId}`,
  messageId,
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  attributes: {},
});

/** A subscription in memory; `refuse` and `fail` name message ids whose publication is refused or breaks. */
function memory(
  letters: readonly DeadLetter[],
  { refuse = [], fail = [] }: { refuse?: string[]; fail?: string[] } = {},
) {
  let waiting = [...letters];
  const pulled = new Map<string, DeadLetter>();
  const published: string[] = [];
  const done: string[] = [];
  const port: DeadLetters = {
    async pull(max) {
      const page = waiting.slice(0, max);
      waiting = waiting.slice(max);
      for (const letter of page) pulled.set(letter.messageId, letter);
      return page;
    },
    async republish({ messageId }) {
      if (refuse.includes(messageId)) throw new EngineError('INVALID_ARGUMENT', 'the schema knows no field nope');
      if (fail.includes(messageId)) throw new EngineError('UNAVAILABLE', 'Pub/Sub is away');
      published.push(messageId);
    },
    async acknowledge(page) {
      for (const { messageId } of page) {
        done.push(messageId);
        pulled.delete(messageId);
      }
    },
    async release(page) {
      for (const letter of page) {
        pulled.delete(letter.messageId);
        waiting.push(letter);
      }
    },
    close: async () => {},
  };
  return {
    port,
    published,
    done,
    waiting: () => waiting.map(({ messageId }) => messageId),
    held: () => [...pulled.keys()],
  };
}

const run = async (port: DeadLetters, options: { yes: boolean; limit?: number }) => {
  const lines: string[] = [];
  const result = await replayDeadLetters(port, { limit: 1000, ...options, tell: (line) => void lines.push(line) });
  return { result, lines };
};

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

describe('without --yes', () => {
  test('every letter is shown and given back, none published', async () => {
    const store = memory(ids(250).map((id) => aLetter(id)));
    const { result, lines } = await run(store.port, { yes: false });
    expect(result).toEqual({ seen: 250, published: 0, refused: 0 });
    expect(lines.length).toBe(250);
    expect(store.published).toEqual([]);
    expect(store.waiting().length).toBe(250);
    expect(store.held()).toEqual([]);
  });
});

describe('with --yes', () => {
  test('every letter is published and then acknowledged', async () => {
    const store = memory(ids(250).map((id) => aLetter(id)));
    expect((await run(store.port, { yes: true })).result).toEqual({ seen: 250, published: 250, refused: 0 });
    expect(store.published).toEqual(ids(250));
    expect(store.done).toEqual(ids(250));
    expect(store.waiting()).toEqual([]);
  });

  test('a letter the schema refuses is told, kept, and does not stop the others', async () => {
    const store = memory([aLetter('a'), aLetter('b'), aLetter('c')], { refuse: ['b'] });
    const { result, lines } = await run(store.port, { yes: true });
    expect(result).toEqual({ seen: 3, published: 2, refused: 1 });
    expect(lines[1]).toContain('refused: the schema knows no field nope');
    expect(store.waiting()).toEqual(['b']);
  });

  test('a fault ends it; what was not acknowledged is still there', async () => {
    const store = memory([aLetter('a'), aLetter('b'), aLetter('c')], { fail: ['b'] });
    await expect(run(store.port, { yes: true })).rejects.toThrow('Pub/Sub is away');
    expect(store.done).toEqual(['a']);
    expect(store.held()).toEqual(['b', 'c']);
  });

  test('no more than the limit is touched', async () => {
    const store = memory(ids(10).map((id) => aLetter(id)));
    expect((await run(store.port, { yes: true, limit: 3 })).result.published).toBe(3);
    expect(store.waiting().length).toBe(7);
  });
});

describe('a line', () => {
  const lineOf = async (letter: DeadLetter) => (await run(memory([letter]).port, { yes: false })).lines[0];

  test('says which run, since when and how often', async () => {
    const letter = {
      ...aLetter('1', { runId: 'run-7', executionKey: 'again', mode: 'FAST_LOAD' }),
      publishedAt: 1_767_323_045_000,
      deliveries: 20,
    };
    expect(await lineOf(letter)).toBe(
      '1 published 2026-01-02T03:04:05.000Z, delivered 20 times: run run-7, key again, FAST_LOAD',
    );
  });

  test('says what is wrong with what is no event, without its secrets', async () => {
    expect(await lineOf(aLetter('1', { load: 'x' }))).toMatch(/^1: not an event: .*\/runId/);
    expect(await lineOf(aLetter('2', 'password=hunter2 {'))).toBe('2: not JSON: password=*** {');
  });
});

describe('a received message', () => {
  test('becomes a letter without the attributes Pub/Sub added', () => {
    const letter = letterOf({
      ackId: 'ack',
      message: {
        messageId: '9',
        data: Buffer.from('{}'),
        orderingKey: 'key',
        attributes: {
          mine: 'kept',
          CloudPubSubDeadLetterSourceDeliveryCount: '20',
          CloudPubSubDeadLetterSourceSubscription: 'streamnova-recommendations',
          CloudPubSubDeadLetterSourceTopicPublishTime: '2026-01-02T03:04:05Z',
        },
      },
    });
    expect(letter).toEqual({
      ackId: 'ack',
      messageId: '9',
      data: Buffer.from('{}'),
      attributes: { mine: 'kept' },
      orderingKey: 'key',
      publishedAt: 1_767_323_045_000,
      deliveries: 20,
    });
  });

  test('may lack everything', () => {
    expect(letterOf({})).toEqual({ ackId: '', messageId: 'unknown', data: Buffer.alloc(0), attributes: {} });
  });
});
