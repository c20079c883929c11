// A proxy for gRPC that breaks connections at chosen calls: before the server saw the request, or after it carried it out.

import { once } from 'node:events';
import { connect, createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/**
 * `loseRequest`: the connection breaks and the server never sees the call. `loseAnswer`: the server carries the call out, then the
 * connection breaks. `blackHole`: the server carries it out and the caller waits for ever.
 */
export type RpcFault = 'loseRequest' | 'loseAnswer' | 'blackHole';

export type RpcProxy = {
  /** host:port to connect to instead of the server. */
  readonly address: string;
  /** Short method names (`Commit`), in the order the calls arrived, since the last `forget`. */
  readonly calls: readonly string[];
  /** Forgets the calls and the faults. */
  forget(): void;
  /** Asks `decide` about every call from now on, with its method and its number from 0. */
  break(decide: (method: string, index: number) => RpcFault | undefined): void;
  close(): Promise<void>;
};

/** Starts one in front of `target` (host:port), plaintext HTTP/2 as Google's emulators speak it. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const calls: string[] = [];
  let decide: (method: string, index: number) => RpcFault | undefined = () => undefined;
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.destroy());
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    calls.push(method);
    const fault = decide(method, calls.length - 1);
    if (fault === 'loseRequest') stream.session?.destroy();
    else forward(target, stream, headers, fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    forget() {
      calls.length = 0;
      decide = () => undefined;
    },
    break(next) {
      decide = next;
    },
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** One call over a connection of its own: what happens to one caller touches no other. */
function forward(
  target: string,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  fault: RpcFault | undefined,
): void {
  const upstream = connect(`http://${target}`);
  upstream.on('error', () => stream.session?.destroy());
  const call = upstream.request({ ...headers, ':authority': target });
  let trailers: IncomingHttpHeaders = {};
  call.on('error', () => stream.session?.destroy());
  call.on('trailers', (received) => {
    trailers = received;
  });
  stream.pipe(call);
  stream.once('close', () => upstream.destroy());
  if (fault !== undefined) {
    // The whole answer is here: the server has done its work.
    call.resume();
    call.once('end', () => {
      if (fault === 'loseAnswer') stream.session?.destroy();
    });
    return;
  }
  call.once('response', (answer) => {
    if (stream.destroyed) return;
    // An error comes as headers alone, with the status in them.
    if (answer['grpc-status'] !== undefined) return stream.respond(answer, { endStream: true });
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond(answer, { waitForTrailers: true });
    call.pipe(stream);
  });
}
