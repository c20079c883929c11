// A process that starts PostgreSQL in the folder given, tells its parent, and waits to be killed.

import { startPostgres } from '../../local/postgres/start-postgres.ts';

const server = await startPostgres({ folder: process.argv[2] ?? '' });
process.send?.({ dataDir: server.dataDir });
