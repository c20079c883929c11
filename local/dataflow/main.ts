// Runs the local Dataflow service as a process of its own.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { type LocalDataflowOptions, startLocalDataflow } from './server.ts';

const program = new Command('local-dataflow')
  .description(
    'The local Dataflow service: google.dataflow.v1beta3 over gRPC on 127.0.0.1. Prints one JSON line when it is ready and ends on SIGINT or SIGTERM.',
  )
  .requiredOption('--data-dir <folder>', 'where jobs, warehouse and buckets are kept; made if missing')
  .option('--port <number>', 'port, 0 for any free one', port, 0)
  .option('--dataset <name...>', 'datasets of the warehouse to create')
  .option('--faults <file>', 'fault script: a JSON list, see fault-schema.ts')
  .option('--latency-ms <ms>', 'added to every call', milliseconds, 0)
  .option('--startup-ms <ms>', 'how long a job is QUEUED, and again PENDING', milliseconds, 150)
  .option('--secret-env <prefix>', 'secrets are environment variables PREFIX + secret name', 'SECRET_');

await program.parseAsync();
const options = program.opts();

await mkdir(join(options.dataDir, 'buckets'), { recursive: true });
const service = await startLocalDataflow({
  port: options.port,
  warehousePath: join(options.dataDir, 'warehouse.duckdb'),
  bucketsDir: join(options.dataDir, 'buckets'),
  statePath: join(options.dataDir, 'jobs.sqlite'),
  latencyMs: options.latencyMs,
  startupMs: options.startupMs,
  resolveSecret: (version) => process.env[options.secretEnv + (/\/secrets\/([^/]+)\//.exec(version)?.[1] ?? '')],
  ...(options.dataset === undefined ? {} : { datasets: options.dataset }),
  ...(options.faults === undefined ? {} : { faults: await readFaults(options.faults) }),
}).catch((error: unknown) => program.error(error instanceof Error ? error.message : String(error)));
console.log(JSON.stringify({ ready: true, address: service.address }));

// A second signal while it stops changes nothing: the first one is being obeyed.
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());
stopped.signal.addEventListener('abort', () => void service.stop(), { once: true });

async function readFaults(file: string): Promise<NonNullable<LocalDataflowOptions['faults']>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return program.error(`--faults ${file}: ${(error as Error).message}`);
  }
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('a whole number of milliseconds is needed.');
}
