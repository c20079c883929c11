// Closing a server: what is under way is answered, what hangs is cut, and nothing new is taken.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { listen } from '../../local/cloud/listen.ts';

async function served() {
  const server = createServer();
  const listening = await listen(server, 0, '');
  const request = async (): Promise<{ answer: Promise<Response>; response: ServerResponse }> => {
    const arrived = once(server, 'request');
    const answer = fetch(listening.url);
    answer.catch(() => {});
    const [, response] = (await arrived) as [unknown, ServerResponse];
    return { answer, response };
  };
  return { ...listening, request };
}

test('a request under way is answered before the server is closed, and no other is taken', async () => {
  const { url, close, request } = await served();
  const { answer, response } = await request();
  const closing = close(60_000);
  await expect(fetch(url)).rejects.toThrow();
  response.end('done');
  expect(await (await answer).text()).toBe('done');
  await closing;
});

test('one that hangs is cut when its time is over', async () => {
  const { close, request } = await served();
  const { answer } = await request();
  await close(1);
  await expect(answer).rejects.toThrow();
});
