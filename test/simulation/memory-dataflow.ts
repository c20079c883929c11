// Dataflow in memory, with the manners that matter: names unique among active jobs alone, lists that lag or are partial, 404 in start-up.

import { EngineError } from '../../shared/base/errors.ts';
import { workersStarted } from '../../shared/engine/durations.ts';
import type { Jobs } from '../../shared/engine/ports.ts';
import type { JobMetric } from '../../shared/schema/job.ts';
import type { LaunchRequest } from '../../shared/schema/plan.ts';
import {
  connectionsOf,
  endOf,
  isActiveAt,
  isListedAt,
  type JobLife,
  type SimulatedJob,
  vcpuSecAt,
  viewOf,
} from './memory-job.ts';
import type { Sync } from './remote.ts';

/** What the service decides anew each time; a simulation draws it, the crash matrix fixes it. */
export type Manners = {
  life(): JobLife;
  /** How a launch is refused before it is looked at; undefined: not at all. */
  refusal(): EngineError | undefined;
  /** What a launch answer holds of a job that was accepted. */
  launchAnswer(): 'job' | 'nothing';
  /** How a launch under the name of an active job ends: 409, or (by the proto's comment) the active job. */
  nameTaken(): 'refuse' | 'answer it';
  /** True: this list leaves locations out. */
  partialList(): boolean;
  /** True: the name filter matches prefixes. */
  readonly filtersByPrefix: boolean;
  readonly listPageSize: number;
};

export type MemoryDataflow = {
  readonly port: Sync<Jobs>;
  readonly jobs: readonly SimulatedJob[];
  find(jobId: string): SimulatedJob | undefined;
  /** Puts a job there that no launch of ours made. */
  plant(job: Pick<SimulatedJob, 'name' | 'createdAt' | 'life' | 'labels'>, projectId: string, region: string): void;
};

export function memoryDataflow(options: {
  readonly now: () => number;
  readonly manners: Manners;
  /** Told of every accepted launch, with the jobs that were there before. */
  readonly onJob: (job: SimulatedJob, others: readonly SimulatedJob[]) => void;
}): MemoryDataflow {
  const { now, manners, onJob } = options;
  const jobs: SimulatedJob[] = [];
  const find = (jobId: string) => jobs.find(({ id }) => id === jobId);
  const shown = (jobId: string): SimulatedJob | undefined => {
    const job = find(jobId);
    return job !== undefined && now() >= job.createdAt + job.life.hiddenMs ? job : undefined;
  };
  const mustBeShown = (jobId: string): SimulatedJob => {
    const job = shown(jobId);
    if (job === undefined)
      throw new EngineError(
        'NOT_FOUND',
        `job ${jobId}: 5 NOT_FOUND: Information about job ${jobId} could not be found`,
      );
    return job;
  };

  const port: Sync<Jobs> = {
    launch(request) {
      const refused = manners.refusal();
      if (refused !== undefined) throw refused;
      if (request.validateOnly === true) return undefined;
      const { jobName } = request.launchParameter;
      const holder = jobs.find((job) => job.name === jobName && isActiveAt(job, now()));
      if (holder !== undefined) {
        if (holder.executionId !== undefined && manners.nameTaken() === 'answer it') return viewOf(holder, now());
        const message = `(4b7a5b1f0c6d1a2e): There is already an active job named ${jobName}. If you want to  submit a second job, try again by setting a different name.`;
        throw new EngineError('ALREADY_EXISTS', message);
      }
      const job = jobOf(request, `2026-01-02_${jobs.length + 1}`, now(), manners.life());
      onJob(job, jobs);
      jobs.push(job);
      // A launch answer carries neither state, type nor labels (recorded by Google's config connector).
      return manners.launchAnswer() === 'nothing'
        ? undefined
        : { id: job.id, name: job.name, createdAt: job.createdAt };
    },
    list({ projectId, region, filter, name, pageToken }) {
      const partial = manners.partialList();
      const listed = jobs.filter(
        (job) =>
          job.projectId === projectId &&
          job.region === region &&
          isListedAt(job, now()) &&
          (filter === 'ALL' || isActiveAt(job, now())) &&
          (name === undefined || (manners.filtersByPrefix ? job.name.startsWith(name) : job.name === name)),
      );
      if (partial) return { jobs: [], complete: false };
      const from = pageToken === undefined ? 0 : Number(pageToken);
      const next = from + manners.listPageSize;
      return {
        jobs: listed.slice(from, next).map((job) => viewOf(job, now())),
        complete: true,
        ...(next < listed.length ? { nextPageToken: String(next) } : {}),
      };
    },
    get({ jobId }) {
      const job = shown(jobId);
      return job === undefined ? undefined : { ...viewOf(job, now()), labels: job.labels };
    },
    metrics({ jobId }) {
      return metricsOf(mustBeShown(jobId), now());
    },
    messages({ jobId }) {
      const job = mustBeShown(jobId);
      const startedAt = job.createdAt + job.life.queuedMs + job.life.startingMs;
      const started = { id: 'started', at: startedAt, importance: 'BASIC', text: workersStartedText } as const;
      const { errorText } = job.life;
      if (now() < endOf(job).at || errorText === undefined) return { messages: [started], autoscaling: [] };
      return {
        messages: [started, { id: 'error', at: endOf(job).at, importance: 'ERROR', text: errorText }],
        autoscaling: [],
      };
    },
    cancel({ jobId }) {
      const job = mustBeShown(jobId);
      if (!isActiveAt(job, now())) return 'ended';
      if (now() < job.createdAt + job.life.notReadyMs) return 'not-ready';
      if (job.forgotten < job.life.forgottenCancels) job.forgotten += 1;
      else job.cancelledAt ??= now();
      return 'accepted';
    },
  };
  return {
    port,
    jobs,
    find,
    plant(job, projectId, region) {
      const rest = {
        executionId: undefined,
        attempt: 0,
        connections: 0,
        source: '',
        cancelledAt: undefined,
        forgotten: 0,
      };
      jobs.push({ ...job, ...rest, id: `planted-${jobs.length}`, projectId, region });
    },
  };
}

const workersStartedText = 'All workers have finished the startup processes and began to receive work requests.';
if (!workersStarted.test(workersStartedText))
  throw new Error('the engine no longer knows the text that begins the work');

function jobOf(request: LaunchRequest, id: string, createdAt: number, life: JobLife): SimulatedJob {
  const labels = request.launchParameter.environment.additionalUserLabels ?? {};
  return {
    id,
    name: request.launchParameter.jobName,
    projectId: request.projectId,
    region: request.location,
    createdAt,
    life,
    labels,
    executionId: labels['streamnova-execution'],
    attempt: Number(labels['streamnova-attempt']),
    connections: connectionsOf(request),
    source: request.launchParameter.parameters.connectionURL ?? '',
    cancelledAt: undefined,
    forgotten: 0,
  };
}

function metricsOf(job: SimulatedJob, now: number): readonly JobMetric[] {
  const endedAt = endOf(job).at;
  const vcpuSec = vcpuSecAt(job, now);
  const metric = (name: string, value: number): JobMetric => ({
    origin: 'dataflow/v1b3',
    name,
    tentative: now < endedAt,
    value,
  });
  return [metric('TotalVcpuTime', vcpuSec), metric('TotalMemoryUsage', vcpuSec * 4_096)];
}
