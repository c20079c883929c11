// Adds many scripted jobs at once, without a launch call for each.

import { newJobId } from './job-id.ts';
import type { JobRecord } from './job-record.ts';
import type { JobStore } from './job-store.ts';
import { emptyEnvironment } from './launch-request.ts';
import { scriptSchema } from './scripted-jobs.ts';
import { readWorkerSettings } from './worker-settings.ts';

export type ScriptedJobs = {
  readonly count: number;
  readonly projectId: string;
  readonly location: string;
  /** Names are `PREFIX-1` and so on; default `scripted`. */
  readonly namePrefix?: string;
  readonly queuedMs?: number;
  readonly pendingMs?: number;
  readonly runningMs?: number;
  readonly cancellingMs?: number;
  readonly outcome?: 'JOB_STATE_DONE' | 'JOB_STATE_FAILED' | 'JOB_STATE_CANCELLED';
  readonly errorText?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly ranges?: number;
  /** Their creation, epoch ms; default now. A time in the past gives jobs that are further, or ended. */
  readonly createdAt?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly machineType?: string;
  readonly numWorkers?: number;
};

/** The new records, in the order of their names. Names that are active already are left out. */
export function addScriptedJobs(store: JobStore, spec: ScriptedJobs, now: number): JobRecord[] {
  const {
    count,
    projectId,
    location,
    namePrefix = 'scripted',
    createdAt = now,
    labels = {},
    machineType,
    numWorkers,
    ...script
  } = spec;
  const workers = readWorkerSettings({
    ...emptyEnvironment,
    machineType: machineType ?? 'n1-standard-4',
    numWorkers: numWorkers ?? 1,
    maxWorkers: numWorkers ?? 1,
  });
  const parsed = scriptSchema.parse(script);
  const records = Array.from(
    { length: count },
    (_, index): JobRecord => ({
      id: newJobId(createdAt),
      name: `${namePrefix}-${index + 1}`,
      projectId,
      location,
      containerSpecGcsPath: 'gs://local/scripted/many',
      templateName: 'scripted',
      parameters: {},
      labels,
      workers,
      createdAt,
      state: 'JOB_STATE_QUEUED',
      stateAt: createdAt,
      workerCount: 0,
      cancellableFrom: createdAt,
      script: parsed,
    }),
  );
  store.insertAll(records);
  return records;
}
