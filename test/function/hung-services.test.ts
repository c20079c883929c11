// Services of Google's that never answer, or answer with a fault: a tick must go on, and a fault of a minute is not taken for a refusal.

import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pubsubOutcomes } from '../../shared/gcp/pubsub-outcomes.ts';
import { secretManager } from '../../shared/gcp/secrets.ts';

describe('a topic that never answers', () => {
  const server = createServer();
  const sessions = new Set<Http2Session>();
  server.on('session', (session) => {
    session.on('error', () => session.destroy());
    sessions.add(session);
  });
  let asked = 0;
  server.on('stream', (stream) => {
    stream.on('error', () => stream.destroy());
    asked += 1;
  });
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    vi.stubEnv('PUBSUB_EMULATOR_HOST', `127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    for (const session of sessions) session.destroy();
    server.close();
  });

  test('is given up in time, and asked again for the next event of the same execution', async () => {
    const outcomes = pubsubOutcomes({ projectId: 'demo', topic: 'executions', timeoutMs: 500 });
    const event = { eventId: 'one', type: 'execution.ended', time: 1, orderingKey: 'exe-1', data: {} };
    for (const count of [1, 2]) {
      await expect(outcomes.publish(event)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retry: 'later' });
      expect(asked).toBeGreaterThanOrEqual(count);
    }
    await outcomes.close();
  });
});

describe('a secret', () => {
  const path = 'projects/p/secrets/s/versions/1';
  const failing = (status?: number) =>
    secretManager({
      request: async () => {
        throw Object.assign(new Error('no'), status === undefined ? {} : { status });
      },
    })(path);

  test.each([
    [401, 'PERMISSION_DENIED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [429, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [undefined, 'UNAVAILABLE'],
  ])('that is answered with %s is %s', async (status, code) => {
    await expect(failing(status)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });

  test('is decoded', async () => {
    const data = { payload: { data: Buffer.from('hünter2').toString('base64') } };
    expect(await secretManager({ request: async () => ({ data }) as never })(path)).toBe('hünter2');
  });
});
