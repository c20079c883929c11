// An HTTP endpoint that receives pushes: a test waits for the next one and decides its status.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type PushedMessage = {
  readonly body: {
    readonly message: {
      readonly data?: string;
      readonly attributes?: Record<string, string>;
      readonly messageId: string;
      readonly publishTime: string;
      readonly orderingKey?: string;
    };
    readonly subscription: string;
    readonly deliveryAttempt?: number;
  };
  readonly headers: IncomingMessage['headers'];
  answer(status: number): void;
};

export type PushEndpoint = {
  readonly url: string;
  /** The next push that nobody has taken yet, whenever it arrives. It stays unanswered until the test answers. */
  next(): Promise<PushedMessage>;
  /** How many arrived and were not taken. */
  waiting(): number;
  close(): Promise<void>;
};

/** `port` 0 (default) takes a free one. */
export async function startPushEndpoint(port = 0): Promise<PushEndpoint> {
  const arrived: PushedMessage[] = [];
  const takers: ((message: PushedMessage) => void)[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const message: PushedMessage = {
      body: JSON.parse(await text(request)),
      headers: request.headers,
      answer(status) {
        response.statusCode = status;
        response.end();
      },
    };
    const taker = takers.shift();
    if (taker === undefined) arrived.push(message);
    else taker(message);
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`,
    next() {
      const message = arrived.shift();
      return message === undefined ? new Promise((take) => takers.push(take)) : Promise.resolve(message);
    },
    waiting: () => arrived.length,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
