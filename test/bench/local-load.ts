// Measures the local load against COPY (SELECT …) TO STDOUT of the same table with the same parallelism, and its memory.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type LocalDataflow, startLocalDataflow } from '../../local/dataflow/server.ts';
import { seedOrders } from '../../local/postgres/seed.ts';
import { startTestPostgres } from '../support/postgres.ts';
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

/** As the local cloud's own configuration has it: two workers of n2-standard-4, four threads each, eight ranges. */
const workers = { machineType: 'n2-standard-4', numWorkers: 2 };
const parallelism = 8;

/** The columns of the seeded table, with the casts the planner makes of the types the template renders wrongly. */
const columns: readonly { readonly name: string; readonly type: string; readonly sql?: string }[] = [
  { name: 'id', type: 'INTEGER' },
  { name: 'customer_id', type: 'INTEGER' },
  { name: 'status', type: 'STRING' },
  { name: 'amount', type: 'NUMERIC' },
  { name: 'discount', type: 'NUMERIC' },
  { name: 'paid', type: 'BOOLEAN' },
  { name: 'ordered_on', type: 'DATE' },
  { name: 'created_at', type: 'TIMESTAMP', sql: "(created_at at time zone 'UTC') as created_at" },
  { name: 'shipped_at', type: 'TIMESTAMP' },
  { name: 'weight_kg', type: 'FLOAT' },
  { name: 'note', type: 'STRING' },
  { name: 'details', type: 'STRING', sql: 'cast(details as text) as details' },
];
const source = `(select ${columns.map(({ name, sql }) => sql ?? name).join(', ')} from public.orders) as source`;

/**
 * Seeds the demo's table with so many rows in a PostgreSQL of its own and measures, in processes of their own: loads and COPYs in turn
 * (medians over the rounds), and one load for the memory. The time of a load is that from RUNNING to DONE.
 */
export async function benchLocalLoad({
  rows,
  rounds = 7,
}: {
  rows: number;
  rounds?: number;
}): Promise<LocalLoadFigures> {
  const postgres = await startTestPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'bench-load-'));
  try {
    await seedOrders(postgres.url, rows);
    const task = { url: postgres.url, folder, rows };
    const { copySec, copyBytes, loadSec } = await inChild<Speed>({ ...task, rounds });
    const { peakRssMib } = await inChild<Memory>({ ...task, rounds: 0 });
    return {
      rowsPerSec: rows / loadSec,
      mbPerSec: copyBytes / 1e6 / loadSec,
      copyRowsPerSec: rows / copySec,
      copyMbPerSec: copyBytes / 1e6 / copySec,
      ratio: copySec / loadSec,
      peakRssMib,
    };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** No rounds: a single load, for the memory. */
type Task = { readonly url: string; readonly folder: string; readonly rows: number; readonly rounds: number };
type Speed = { readonly copySec: number; readonly copyBytes: number; readonly loadSec: number };
type Memory = { readonly peakRssMib: number };

async function inChild<T>(task: Task): Promise<T> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return JSON.parse(output) as T;
}

async function runTask(task: Task): Promise<Speed | Memory> {
  const buckets = join(task.folder, 'buckets');
  await mkdir(join(buckets, 'bench'), { recursive: true });
  const fields = columns.map(({ name, type }) => ({ name, type }));
  await writeFile(join(buckets, 'bench', 'schema.json'), JSON.stringify({ fields }));
  const warehousePath = join(task.folder, `rounds-${task.rounds}.duckdb`);
  const service = await startLocalDataflow({ warehousePath, datasets: ['bench'], bucketsDir: buckets, startupMs: 0 });
  try {
    if (task.rounds === 0) {
      await loadOnce(service, task, 'only');
      return { peakRssMib: process.resourceUsage().maxRSS / 1024 };
    }
    const loads: number[] = [];
    const copies: { readonly sec: number; readonly bytes: number }[] = [];
    for (let round = 0; round < task.rounds; round++) {
      loads.push(await loadOnce(service, task, `round_${round}`));
      copies.push(await copyAll(task));
    }
    const copySec = median(copies.map(({ sec }) => sec));
    return { copySec, copyBytes: copies[0]?.bytes ?? 0, loadSec: median(loads) };
  } finally {
    await service.stop();
  }
}

/** Loads into a new table, checks the count, drops it; answers the seconds the workers ran. */
async function loadOnce(service: LocalDataflow, { url, rows }: Task, table: string): Promise<number> {
  const { port, username, password, pathname } = new URL(url);
  const jobName = table.replace('_', '-');
  await launchLoad(service.address, jobName, workers, {
    connectionURL: `jdbc:postgresql://127.0.0.1:${port}${pathname}`,
    username,
    password,
    table: source,
    partitionColumn: 'id',
    numPartitions: String(parallelism),
    useColumnAlias: 'true',
    outputTable: `bench:bench.${table}`,
    bigQueryLoadingTemporaryDirectory: 'gs://bench/temp',
    createDisposition: 'CREATE_IF_NEEDED',
    bigQuerySchemaPath: 'gs://bench/schema.json',
  });
  const { runningAt = 0, endedAt = 0, state } = await waitForEnd(service, jobName);
  const [counted] = await service.warehouse.query(`SELECT count(*) AS n FROM bench.${table}`);
  if (state !== 'JOB_STATE_DONE' || counted?.n !== rows)
    throw new Error(`the load ended ${state} with ${counted?.n} rows`);
  await service.warehouse.query(`DROP TABLE bench.${table}`);
  // Else the next load's commit would tidy up after this one (100 ms); a load into a warehouse of its own has nothing to tidy.
  await service.warehouse.query('CHECKPOINT');
  return (endedAt - runningAt) / 1000;
}

/** The yardstick: as many connections as the load has, each with its share of the same SELECT in one statement, into nothing. */
async function copyAll({ url, rows }: Task): Promise<{ sec: number; bytes: number }> {
  const began = performance.now();
  let bytes = 0;
  const copyShare = async (index: number): Promise<void> => {
    const client = new pg.Client(url);
    await client.connect();
    const [from, to] = [index, index + 1].map((edge) => Math.floor((rows * edge) / parallelism) + 1);
    const share = `SELECT * FROM ${source} WHERE id >= ${from} AND id < ${to}`;
    const nothing = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        done();
      },
    });
    await pipeline(client.query(copyTo(`COPY (${share}) TO STDOUT`)), nothing);
    await client.end();
  };
  await Promise.all(Array.from({ length: parallelism }, (_, index) => copyShare(index)));
  return { sec: (performance.now() - began) / 1000, bytes };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// As a child, the process is given its task as JSON; by hand, the number of rows.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [argument = '500000'] = process.argv.slice(2);
  const isTask = argument.startsWith('{');
  console.log(
    JSON.stringify(isTask ? await runTask(JSON.parse(argument)) : await benchLocalLoad({ rows: Number(argument) })),
  );
}
