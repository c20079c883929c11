// The one URL that Pub/Sub pushes to: hands each push to a living instance, and never retries - that is Pub/Sub's part.

import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionProcess } from '../support/function-process.ts';
import type { OpenMessages } from './open-messages.ts';

export type Front = {
  readonly url: string;
  /**
   * Pushes handed to an instance: every one is a delivery, whatever came of it. `cut`: the instance died in mid-request. `peak`: the
   * most at an instance or waiting for one at the same time.
   */
  readonly counts: { deliveries: number; acked: number; refused: number; cut: number; peak: number };
  close(): Promise<void>;
};

/**
 * Starts it. As on Cloud Run an instance works on `perInstance` requests at most, and what finds no room waits for it. An instance that
 * dies in mid-request answers 502.
 */
export async function startFront(options: {
  readonly perInstance: number;
  living(): readonly FunctionProcess[];
  /** Told of every push and of its answer. */
  readonly messages: Pick<OpenMessages, 'pushed' | 'answered'>;
}): Promise<Front> {
  const counts = { deliveries: 0, acked: 0, refused: 0, cut: 0, peak: 0 };
  const agent = new Agent({ keepAlive: true });
  const busy = new Map<FunctionProcess, number>();
  const closing = new AbortController();
  let inside = 0;

  /** The living instance with the least to do. */
  async function room(): Promise<FunctionProcess | undefined> {
    while (!closing.signal.aborted) {
      const [idlest] = options
        .living()
        .filter((instance) => load(instance) < options.perInstance)
        .sort((left, right) => load(left) - load(right));
      if (idlest !== undefined) return idlest;
      await sleep(10);
    }
    return undefined;
  }
  const load = (instance: FunctionProcess): number => busy.get(instance) ?? 0;

  async function push(body: Buffer, headers: IncomingHttpHeaders): Promise<number> {
    inside += 1;
    counts.peak = Math.max(counts.peak, inside);
    const instance = await room();
    if (instance === undefined) return 503;
    busy.set(instance, load(instance) + 1);
    counts.deliveries += 1;
    const status = await forward(agent, instance.url, body, headers);
    busy.set(instance, load(instance) - 1);
    inside -= 1;
    if (status === undefined) counts.cut += 1;
    else if (status < 300) counts.acked += 1;
    else counts.refused += 1;
    return status ?? 502;
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
      closing.abort();
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
