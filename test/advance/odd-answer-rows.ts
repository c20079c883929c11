// The odd answers of the service as data: what the service says, and what may come of it.

import { EngineError, type ErrorCode } from '../../shared/base/errors.ts';
import type { Jobs } from '../../shared/engine/ports.ts';
import { jobView } from '../../shared/gcp/dataflow-job-views.ts';
import type { Job } from '../../shared/schema/job.ts';
import { someTime } from '../support/execution.ts';
import type { ScriptedService } from '../support/scripted-service.ts';

export type OddAnswer = {
  readonly name: string;
  /** Rows of the list of active jobs. */
  readonly active?: Job[];
  readonly pageSize?: number;
  /** The answer to GetJob; none: 404. */
  readonly job?: Job;
  /** Fresh for every test: it may count. */
  readonly interfere?: () => ScriptedService['interfere'];
  /** The status afterwards; none: as before. */
  readonly status?: 'RUNNING';
  readonly errors: 0 | 1;
  readonly gets: number;
  readonly lists?: number;
};

export const running: Job = { id: 'job-run-1', state: 'JOB_STATE_RUNNING' };

const ended = (state: 'JOB_STATE_DONE' | 'JOB_STATE_FAILED'): Job => ({ id: 'job-run-1', state, stateAt: someTime });

/** Fails a method's first `times` calls; of lists only the page `about`, if given. */
const failing =
  (wanted: keyof Jobs, code: ErrorCode, options: { times?: number; about?: string } = {}) =>
  (): ScriptedService['interfere'] => {
    let left = options.times ?? Number.POSITIVE_INFINITY;
    return (method, about) => {
      if (method !== wanted || left <= 0 || (options.about !== undefined && options.about !== about)) return undefined;
      left -= 1;
      throw new EngineError(code, `${method} was told to fail`);
    };
  };

const listing = (answer: Awaited<ReturnType<Jobs['list']>>) => (): ScriptedService['interfere'] => (method) =>
  method === 'list' ? answer : undefined;

const partial = listing({ jobs: [], complete: false });
const other: Job = { id: 'job-other' };

export const oddAnswers: readonly OddAnswer[] = [
  { name: 'a job with an id and nothing else', active: [{ id: 'job-run-1' }], errors: 0, gets: 0 },
  {
    name: 'rows without an id',
    active: [{}, { name: 'nameless', state: 'JOB_STATE_DONE' }, running],
    status: 'RUNNING',
    errors: 0,
    gets: 0,
  },
  {
    name: 'a state no proto knows yet, as a number',
    active: [jobView({ id: 'job-run-1', currentState: 99 })],
    errors: 0,
    gets: 0,
  },
  {
    name: 'a state no proto knows yet, as a name',
    active: [jobView({ id: 'job-run-1', currentState: 'JOB_STATE_REJOICING' })],
    errors: 0,
    gets: 0,
  },
  {
    name: 'every field null',
    job: jobView({ id: null, name: null, projectId: null, currentState: null, createTime: null, labels: null }),
    errors: 0,
    gets: 1,
  },
  { name: '404 in start-up', errors: 1, gets: 1 },
  { name: 'a single get that fails', interfere: failing('get', 'UNAVAILABLE'), errors: 1, gets: 1 },
  { name: 'a single get that is forbidden', interfere: failing('get', 'PERMISSION_DENIED'), errors: 1, gets: 1 },
  {
    name: 'a partial list (failedLocation) without the job',
    job: running,
    interfere: partial,
    status: 'RUNNING',
    errors: 0,
    gets: 1,
  },
  { name: 'a partial list and a 404', interfere: partial, errors: 1, gets: 1 },
  {
    name: 'a list that fails twice',
    job: running,
    interfere: failing('list', 'UNAVAILABLE'),
    errors: 1,
    gets: 0,
    lists: 2,
  },
  { name: 'a list that is forbidden', interfere: failing('list', 'PERMISSION_DENIED'), errors: 1, gets: 0, lists: 1 },
  {
    name: 'a list that fails once',
    active: [running],
    interfere: failing('list', 'UNAVAILABLE', { times: 1 }),
    status: 'RUNNING',
    errors: 0,
    gets: 0,
    lists: 2,
  },
  {
    name: 'a list that breaks off after the page with the job',
    active: [running, other],
    pageSize: 1,
    interfere: failing('list', 'UNAVAILABLE', { about: '1' }),
    status: 'RUNNING',
    errors: 0,
    gets: 0,
    lists: 3,
  },
  {
    name: 'a page token that expires once',
    active: [other, running],
    pageSize: 1,
    interfere: failing('list', 'INVALID_ARGUMENT', { about: '1', times: 1 }),
    status: 'RUNNING',
    errors: 0,
    gets: 0,
    lists: 4,
  },
  {
    name: 'page tokens that expire again and again',
    active: [other, running],
    pageSize: 1,
    interfere: failing('list', 'INVALID_ARGUMENT', { about: '1' }),
    errors: 1,
    gets: 0,
    lists: 4,
  },
  {
    name: 'a list that never ends',
    interfere: listing({ jobs: [], complete: true, nextPageToken: 'again' }),
    errors: 1,
    gets: 0,
    lists: 200,
  },
  { name: 'UPDATED without a successor', job: { ...running, state: 'JOB_STATE_UPDATED' }, errors: 1, gets: 1 },
  {
    name: 'UPDATED that names itself as its successor',
    job: { ...running, state: 'JOB_STATE_UPDATED', replacedByJobId: 'job-run-1' },
    errors: 1,
    gets: 1,
  },
  {
    name: 'an end whose metrics cannot be read',
    job: ended('JOB_STATE_DONE'),
    interfere: failing('metrics', 'UNAVAILABLE'),
    errors: 1,
    gets: 1,
  },
  {
    name: 'an end whose messages cannot be read',
    job: ended('JOB_STATE_FAILED'),
    interfere: failing('messages', 'UNAVAILABLE'),
    errors: 1,
    gets: 1,
  },
];
