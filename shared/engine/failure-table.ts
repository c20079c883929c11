// The texts Dataflow uses when a job fails, and the class each belongs to. Data only; first match wins.
// Source: Dataflow "common errors" documentation and the issue threads named in the facts this table was built from; the row of the local
// Dataflow has its own text.

import type { Failure } from '../schema/execution.ts';

export type FailureRow = {
  readonly code: string;
  readonly class: Failure['class'];
  readonly pattern: RegExp;
  /** What a person is told. */
  readonly meaning: string;
  /** A text as the service writes it; the test of the row. */
  readonly sample: string;
};

export const failureTable: readonly FailureRow[] = [
  {
    code: 'QUOTA_EXCEEDED',
    class: 'quota',
    // Before the stockouts: a launcher or a pool that met a quota is told RESOURCE_EXHAUSTED too, and no other machine helps it.
    pattern: /QUOTA_EXCEEDED|insufficient quota\(s\)|Exceeded limit 'QUOTA_FOR_INSTANCES'|Quota '\w+' exceeded/,
    meaning: 'a Compute Engine quota is too small for this many workers',
    sample:
      'The workflow could not be executed because of insufficient quota(s). Quota summary (required/available): 1/6987 instances, 64/24 CPUs',
  },
  {
    code: 'LAUNCHER_STOCKOUT',
    class: 'launcher-capacity',
    pattern:
      /Failed to start the VM,? ?launcher-[^:]*:\s*(RESOURCE_EXHAUSTED|UNAVAILABLE)|launcher-\d+.*(ZONE_RESOURCE_POOL_EXHAUSTED|RESOURCE_EXHAUSTED|HTTP_503)/s,
    meaning: 'the zone had no VM for the launcher',
    sample:
      'Failed to start the VM, launcher-2023, used for launching because of status code: RESOURCE_EXHAUSTED, reason: ZONE_RESOURCE_POOL_EXHAUSTED',
  },
  {
    code: 'LAUNCHER_DENIED',
    class: 'permission',
    pattern: /Failed to start the VM,? ?launcher-[^:]*:\s*(PERMISSION_DENIED|UNAUTHENTICATED)/,
    meaning: "the launcher VM was denied: roles of the service accounts, Shared VPC, the organisation's policies",
    sample:
      "Failed to start the VM, launcher-2023, used for launching because of status code: PERMISSION_DENIED, reason: Required 'compute.subnetworks.use' permission for 'projects/host/regions/us-central1/subnetworks/loads'",
  },
  {
    code: 'LAUNCHER_REFUSED',
    class: 'user',
    pattern: /Failed to start the VM,? ?launcher-[^:]*:\s*(INVALID_ARGUMENT|NOT_FOUND|FAILED_PRECONDITION)/,
    meaning: 'the launcher VM was refused as configured: check network, subnetwork, zone, machine type and KMS key',
    sample:
      "Failed to start the VM, launcher-2023, used for launching because of status code: INVALID_ARGUMENT, reason: Invalid value for field 'resource.networkInterfaces[0].subnetwork'",
  },
  {
    code: 'ZONE_STOCKOUT',
    class: 'capacity',
    pattern: /ZONE_RESOURCE_POOL_EXHAUSTED(_WITH_DETAILS)?/,
    meaning: 'the zone had no VMs of this machine type',
    sample:
      "Startup of the worker pool in zone us-central1-a failed to bring up any of the desired 4 workers. ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: Instance 'x' creation failed",
  },
  {
    code: 'JOBS_PER_PROJECT',
    class: 'concurrency',
    pattern: /jobs-per-project quota/i,
    meaning: "the project's quota of concurrent Dataflow jobs is used up",
    sample: 'Dataflow quota error for jobs-per-project quota. Project p is running 25 jobs.',
  },
  {
    code: 'WORKER_POOL_QUOTA_OR_POLICY',
    class: 'quota',
    pattern: /Startup of the worker pool[\s\S]*project quota may have been exceeded or access control policies/,
    meaning: 'a project quota or an access policy kept the workers from starting',
    sample:
      'Startup of the worker pool in us-central1 failed to bring up any of the desired 8 workers. The project quota may have been exceeded or access control policies may be preventing the operation',
  },
  {
    code: 'LAUNCH_TIMEOUT',
    class: 'launch',
    pattern: /Timeout in polling result file/,
    meaning: 'the launcher did not build the job in time',
    sample:
      'Timeout in polling result file: gs://b/staging/template_launches/2023-1/operation_result. Possible causes are: 1. Your launch takes too long time to finish.',
  },
  {
    code: 'OUT_OF_MEMORY',
    class: 'size',
    pattern: /OutOfMemoryError|out of memory|GC thrashing|OOM[- ]?kill/i,
    meaning: 'a worker ran out of memory',
    sample:
      'Shutting down JVM after 8 consecutive periods of measured GC thrashing. Memory is used/total/max = 3712/4096/4096 MB',
  },
  {
    code: 'NO_SPACE',
    class: 'size',
    pattern: /No space left on device/,
    meaning: "a worker's disk was full",
    sample: 'java.io.IOException: No space left on device',
  },
  {
    code: 'WORKER_LOST',
    class: 'size',
    pattern: /Timed out waiting for an update from the worker|worker (eventually )?lost contact with the service/,
    meaning: 'a worker stopped answering, mostly for lack of memory',
    sample: 'Timed out waiting for an update from the worker. For more information, see the worker logs.',
  },
  {
    code: 'SHARED_TEMP',
    class: 'temp-location',
    // Only what lies where temporary files do: Beam's folders, or the folder of an attempt (temp-location.ts).
    pattern: /PreFinalize failed|No such object:? ?\S*(BigQuery\w*Temp|\/te?mp\/|\/\.temp-|\/a\d+\/)/,
    meaning: 'another job removed files of the shared temp location',
    sample: 'Error: PreFinalize failed: No such object: bucket/temp/BigQueryWriteTemp/abc',
  },
  {
    code: 'FILE_NOT_FOUND',
    class: 'user',
    pattern: /No such object:? ?\S+|File spec gs:\S+ not found/,
    meaning: 'a file the load names is not there: check schemaPath and driverJars',
    sample: 'java.io.FileNotFoundException: No such object: gs://acme-lake/schemas/orders.json',
  },
  {
    code: 'TARGET_NOT_FOUND',
    class: 'user',
    pattern: /Not found: (Table|Dataset) \S+/,
    meaning:
      'the target is not there: create it, or set createIfNeeded: true with schemaPath (which creates a table, never a dataset)',
    sample: 'Not found: Table acme:sales.orders was not found in location US',
  },
  {
    code: 'STAGED_PACKAGE',
    class: 'permission',
    pattern: /Staged package.*is inaccessible/,
    meaning: 'a staged file cannot be read: bucket permission or lifecycle rule',
    sample: 'Staged package beam-sdks.jar at location gs://b/staging/beam-sdks.jar is inaccessible.',
  },
  {
    code: 'NO_ACTIVITY',
    class: 'network',
    pattern: /no worker activity has been seen in the last 1h/,
    meaning: 'the workers never reported: image or network',
    sample: 'The Dataflow job appears to be stuck because no worker activity has been seen in the last 1h.',
  },
  {
    code: 'DATABASE_UNREACHABLE',
    class: 'user',
    pattern: /Cannot create PoolableConnectionFactory|Connection refused|password authentication failed/,
    meaning:
      'the source database refused the connection or could not be reached: host, port, credentials, TLS, firewall',
    sample: 'java.sql.SQLException: Cannot create PoolableConnectionFactory (Connection to 10.0.0.1:5432 refused.)',
  },
  {
    code: 'LOCAL_VALIDATES_ONLY',
    class: 'user',
    pattern: /the local Dataflow cannot execute/,
    meaning: 'the local Dataflow only validates loads on this template',
    sample: 'the local Dataflow cannot execute Oracle_to_BigQuery; run this load on Dataflow',
  },
  {
    code: 'LAUNCHER_FAILED',
    class: 'user',
    pattern: /Template launch failed|Error occurred in the launcher container/,
    meaning: "the template's own program failed before the job started",
    sample: 'Error occurred in the launcher container: Template launch failed. See console logs.',
  },
  {
    code: 'WALLTIME',
    class: 'policy',
    pattern: /max_workflow_runtime_walltime_seconds|exceeded the maximum allowed (run|wall)/i,
    meaning: 'the job ran into its walltime guard',
    sample: 'Workflow failed. The job exceeded max_workflow_runtime_walltime_seconds (21600).',
  },
  {
    code: 'WORK_ITEM_FAILED',
    class: 'user',
    pattern: /a work item (has )?failed (more than )?4 times|a work item was attempted 4 times without success/i,
    meaning: 'the same piece of work failed four times',
    sample:
      'The job failed because a work item has failed 4 times. Look in previous log entries for the cause of each one of the 4 failures.',
  },
  {
    code: 'INTERNAL',
    class: 'service',
    pattern: /Internal Issue \(|internal error|\b(?:HTTP|status|code|error)\W{1,3}50[0234]\b/i,
    meaning: 'the service failed by itself',
    sample: 'Internal Issue (4b7a5b1f0c6d1a2e): 82159483:24',
  },
];
