// One PostgreSQL for a test file: start it in beforeAll, stop it in afterAll.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../local/postgres/start-postgres.ts';

export type TestPostgres = { readonly url: string; readonly port: number; stop(): Promise<void> };

/** A fresh, empty PostgreSQL on a free port (about 1.5 s). `stop` ends the process and removes its files. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-test-'));
  // mkdtemp closes the folder to others, among them the account that root lends to PostgreSQL.
  chmodSync(folder, 0o711);
  const server = await startPostgres({ folder });
  return {
    url: server.url,
    port: server.port,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
