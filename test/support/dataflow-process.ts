// The local Dataflow as a process of its own, and its record read from its state file: what it accepted, whatever it answered.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FaultInput } from '../../local/dataflow/fault-schema.ts';
import type { JobRecord } from '../../local/dataflow/job-record.ts';
import { openJobStore } from '../../local/dataflow/job-store.ts';

const main = fileURLToPath(new URL('../../local/dataflow/main.ts', import.meta.url));

export type DataflowProcess = {
  /** host:port, for DATAFLOW_EMULATOR_HOST. */
  readonly address: string;
  /** Every job ever accepted, oldest first, from the service's state file. */
  record(): readonly JobRecord[];
  stop(): Promise<void>;
};

/** Starts it with its data in `folder`; rejects when it ends before it is ready, with what it said. */
export async function startDataflowProcess(options: {
  readonly folder: string;
  readonly faults?: readonly FaultInput[];
}): Promise<DataflowProcess> {
  mkdirSync(options.folder, { recursive: true });
  const faults = join(options.folder, 'faults.json');
  writeFileSync(faults, JSON.stringify(options.faults ?? []));
  const args = [main, '--data-dir', options.folder, '--startup-ms', '50', '--faults', faults];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (child.exitCode !== null) throw new Error(`the local Dataflow ended with ${child.exitCode} before it was ready`);
  const { address } = JSON.parse(String(line[0])) as { address: string };
  return {
    address,
    record() {
      const store = openJobStore(join(options.folder, 'jobs.sqlite'), () => undefined);
      try {
        return store.all();
      } finally {
        store.close();
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
