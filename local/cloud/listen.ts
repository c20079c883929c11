// Binds an HTTP server to loopback and closes it whole, open connections included.

import type { Server } from 'node:http';
import { portError } from '../free-port.ts';

export type Listening = { readonly url: string; close(): Promise<void> };

/** `port` 0 takes a free one. Throws a UsageError naming `flag` when the port is taken. */
export function listen(server: Server, port: number, flag: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port, flag)));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve({
        url: `http://127.0.0.1:${bound}`,
        async close() {
          const closed = new Promise<void>((done) => server.close(() => done()));
          server.closeAllConnections();
          await closed;
        },
      });
    });
  });
}
