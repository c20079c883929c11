// Binds an HTTP server to loopback and closes it whole: requests under way are answered first, if they hurry.

import type { Server } from 'node:http';
import { portError } from '../free-port.ts';

export type Listening = {
  readonly url: string;
  /** Takes no more requests; those under way have `graceMs` (default 3 s) before they are cut. */
  close(graceMs?: number): Promise<void>;
};

/** A kept-alive connection becomes idle with its last answer, which nothing announces. */
const lookEveryMs = 20;

/** `port` 0 takes a free one. Throws a UsageError naming `flag` when the port is taken. */
export function listen(server: Server, port: number, flag: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port, flag)));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve({
        url: `http://127.0.0.1:${bound}`,
        async close(graceMs = 3000) {
          const closed = new Promise<void>((done) => server.close(() => done()));
          const idle = setInterval(() => server.closeIdleConnections(), lookEveryMs);
          const cut = setTimeout(() => server.closeAllConnections(), graceMs);
          await closed;
          clearInterval(idle);
          clearTimeout(cut);
        },
      });
    });
  });
}
