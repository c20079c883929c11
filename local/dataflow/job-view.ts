// A job record as google.dataflow.v1beta3.Job: what each answer of the API shows of it.

import type { JobRecord } from './job-record.ts';
import { toTimestamp } from './timestamp.ts';

/** The answer of a launch holds no state, no type and no labels, and a state time of 1970 (recorded answer of the real service). */
export function launchView(record: JobRecord): object {
  return {
    id: record.id,
    projectId: record.projectId,
    name: record.name,
    location: record.location,
    createTime: toTimestamp(record.createdAt),
    startTime: toTimestamp(record.createdAt),
    currentStateTime: toTimestamp(0),
  };
}

/** Lists, and GetJob without a view: no labels, no environment. A job that is still queued has no type yet. */
export function summaryView(record: JobRecord): object {
  const { requestedState, startedAt } = record;
  return {
    id: record.id,
    projectId: record.projectId,
    name: record.name,
    location: record.location,
    currentState: record.state,
    currentStateTime: toTimestamp(record.stateAt),
    createTime: toTimestamp(record.createdAt),
    ...(record.state === 'JOB_STATE_QUEUED' ? {} : { type: 'JOB_TYPE_BATCH' }),
    ...(startedAt === undefined ? {} : { startTime: toTimestamp(startedAt) }),
    ...(requestedState === undefined ? {} : { requestedState }),
    jobMetadata: {
      sdkVersion: { version: '2.75.0', versionDisplayName: 'Apache Beam SDK for Java', sdkSupportStatus: 'SUPPORTED' },
    },
  };
}

/** GetJob with JOB_VIEW_DESCRIPTION or JOB_VIEW_ALL: with labels and environment, which exist once the launcher has built the graph. */
export function descriptionView(record: JobRecord): object {
  const summary = summaryView(record);
  if (record.state === 'JOB_STATE_QUEUED') return summary;
  const { workers } = record;
  return {
    ...summary,
    labels: record.labels,
    environment: {
      tempStoragePrefix: workers.tempLocation.replace(/^gs:\/\//, 'storage.googleapis.com/'),
      serviceAccountEmail: workers.serviceAccountEmail,
      experiments: workers.experiments,
      workerRegion: record.location,
      ...(workers.zone === '' ? {} : { workerZone: workers.zone }),
      flexResourceSchedulingGoal: workers.flexrs ? 'FLEXRS_COST_OPTIMIZED' : 'FLEXRS_UNSPECIFIED',
      shuffleMode: 'SERVICE_BASED',
      workerPools: [
        {
          kind: 'harness',
          numWorkers: record.workerCount || Math.max(1, workers.numWorkers),
          machineType: workers.machineType,
          diskSizeGb: workers.diskGb,
          numThreadsPerWorker: workers.threadsPerWorker,
          autoscalingSettings: {
            algorithm: workers.fixedWorkers ? 'AUTOSCALING_ALGORITHM_NONE' : 'AUTOSCALING_ALGORITHM_BASIC',
            maxNumWorkers: workers.maxWorkers,
          },
        },
      ],
    },
  };
}
