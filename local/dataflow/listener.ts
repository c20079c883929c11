// Listens for connections on behalf of the gRPC server, so that one of them can be cut in the middle of a call.

import { createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';

export type Listener = {
  /** Begins to listen; answers the port. Rejects if it is taken. */
  listen(host: string, port: number): Promise<number>;
  /** Breaks the connection to a peer as a network would: no goodbye. `peer` is what a call's getPeer() says. */
  cut(peer: string): void;
  /** Ends the gRPC server and every connection. */
  close(): Promise<void>;
};

/** A listener that hands its connections to `server`, in plain text. */
export function createListener(server: Server): Listener {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Map<string, Socket>();
  const listening = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.on('close', () => sockets.delete(peer));
    socket.setNoDelay(true);
    injector.injectConnection(socket);
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        listening.once('error', reject);
        listening.listen(port, host, () => {
          const address = listening.address();
          resolve(typeof address === 'object' && address !== null ? address.port : 0);
        });
      }),
    cut: (peer) => sockets.get(peer)?.resetAndDestroy(),
    async close() {
      injector.destroy();
      server.forceShutdown();
      for (const socket of sockets.values()) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}
