// The one URL that Pub/Sub pushes to: hands each push to a living instance, at most so many at once, and never retries - that is Pub/Sub's part.

import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FunctionProcess } from '../support/function-process.ts';
import type { OpenMessages } from './open-messages.ts';

export type Front = {
  readonly url: string;
  /** Pushes handed to an instance: every one is a delivery, whatever came of it. */
  readonly counts: {
    deliveries: number;
    acked: number;
    refused: number;
    cut: number;
    noInstance: number;
    peak: number;
  };
  close(): Promise<void>;
};

/** Starts it. `next` answers the instance whose turn it is. An instance that dies in mid-request answers 502, none alive 503. */
export async function startFront(options: {
  readonly inFlight: number;
  next(): FunctionProcess | undefined;
  /** Told of every push and of its answer. */
  readonly messages: Pick<OpenMessages, 'pushed' | 'answered'>;
}): Promise<Front> {
  const counts = { deliveries: 0, acked: 0, refused: 0, cut: 0, noInstance: 0, peak: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: options.inFlight });
  const slots = createSlots(options.inFlight);

  async function push(body: Buffer, headers: IncomingHttpHeaders): Promise<number> {
    await slots.take();
    counts.peak = Math.max(counts.peak, slots.taken());
    try {
      const instance = options.next();
      if (instance === undefined) {
        counts.noInstance += 1;
        return 503;
      }
      counts.deliveries += 1;
      const status = await forward(agent, instance.url, body, headers);
      if (status === undefined) counts.cut += 1;
      else if (status < 300) counts.acked += 1;
      else counts.refused += 1;
      return status ?? 502;
    } finally {
      slots.give();
    }
  }

  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const { subscription, messageId } = addressOf(body);
    options.messages.pushed(subscription);
    const status = await push(body, incoming.headers);
    options.messages.answered(subscription, messageId, status < 300);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`,
    counts,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** The status the instance answered, or undefined when the connection broke first. */
function forward(agent: Agent, url: string, body: Buffer, headers: IncomingHttpHeaders): Promise<number | undefined> {
  return new Promise((resolve) => {
    const type = headers['content-type'] ?? 'application/json';
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': type, 'content-length': body.length },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.once('close', () => resolve(answer.complete ? answer.statusCode : undefined));
    });
    outgoing.once('error', () => resolve(undefined));
    outgoing.end(body);
  });
}

/** The short name of the subscription and the id of the message. */
function addressOf(push: Buffer): { subscription: string; messageId: string } {
  const { subscription, message } = JSON.parse(push.toString()) as {
    subscription: string;
    message: { messageId: string };
  };
  return { subscription: subscription.split('/').at(-1) ?? '', messageId: message.messageId };
}

function createSlots(limit: number) {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    taken: () => taken,
    async take(): Promise<void> {
      if (taken < limit) taken += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    /** A slot that is waited for changes hands; it is never free in between. */
    give(): void {
      const next = waiting.shift();
      if (next === undefined) taken -= 1;
      else next();
    },
  };
}
