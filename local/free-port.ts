// Ports of the local cloud: a free one when none is asked for, and a clear word when the one asked for is taken.

import { createServer } from 'node:net';
import { UsageError } from './usage-error.ts';

/**
 * `wanted` when it is free on 127.0.0.1, or any free port when it is 0. Throws a UsageError naming `flag` when it is taken.
 * The port is free at the moment of the answer only.
 */
export function freePort(wanted: number, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, wanted, flag)));
    probe.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** The error of a listen call in words. */
export function portError(error: NodeJS.ErrnoException, port: number, flag: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new UsageError(`port ${port} is in use; \`${flag} 0\` picks a free one`, { cause: error });
  }
  if (error.code === 'EACCES') {
    return new UsageError(`port ${port} needs more rights than you have; \`${flag} 0\` picks a free one`, {
      cause: error,
    });
  }
  return error;
}
