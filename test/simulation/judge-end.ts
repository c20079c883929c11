// What must hold once faults have stopped and time has passed: everything ended, published, given back, and no job without a record.

import { capacitySchema } from '../../shared/engine/capacity.ts';
import { defaultSettings, leaseMs } from '../../shared/engine/settings.ts';
import { isTerminal } from '../../shared/schema/execution.ts';
import { place, type World } from './world.ts';

/** Reports what is left undone. `openActors`: deliveries, callers and cancels still waiting for an answer. */
export function judgeEnd(world: World, openActors: number): void {
  const { report } = world.watch;
  if (openActors > 0) report('not ended', `${openActors} requests never got an answer`);
  for (const record of world.ledger.all()) {
    const { executionId, status, nextCheckAt } = record;
    if (!isTerminal(status))
      report('not ended', `${executionId} is still ${status} (${record.statusReason ?? 'no reason'})`);
    else if (nextCheckAt !== null) report('not ended', `${executionId} is ${status} but its end is not concluded`);
    // The world hears of a three-stage load from its parent alone.
    if (record.parentId !== undefined) continue;
    const published = world.outcomes.events.some(({ orderingKey }) => orderingKey === executionId);
    if (isTerminal(status) && !published) report('not published', `${executionId} ended ${status}`);
  }
  if (world.watch.inBound) judgeJobs(world);
  judgeCapacity(world);
}

function judgeJobs(world: World): void {
  for (const job of world.dataflow.jobs) {
    if (job.executionId === undefined) continue;
    const known = world.ledger.peek(job.executionId)?.attempts.some(({ jobId }) => jobId === job.id);
    if (known !== true) world.watch.report('orphan job', `${job.id} of ${job.executionId} attempt ${job.attempt}`);
  }
}

function judgeCapacity(world: World): void {
  const stored = world.documents.read('capacity', place.projectId);
  if (stored === undefined) return;
  const { running, waiting } = capacitySchema.parse(stored.value);
  // A place reserved by a caller who died before the claim is free again after the lease; nothing else may be left.
  const latest = world.scheduler.now() + leaseMs(defaultSettings) + 2 * defaultSettings.clockSkewMs;
  const left = Object.entries({ ...running, ...waiting }).filter(([, { expiresAt }]) => expiresAt > latest);
  for (const [executionId] of left) {
    const status = world.ledger.peek(executionId)?.status;
    world.watch.report('capacity leak', `${executionId}, ${status}, ${executionId in running ? 'runs' : 'waits'}`);
  }
}

/** Jobs beyond the first of their attempt: 0 inside the bound. */
export function secondJobsOf(world: World): number {
  const attempts = new Set<string>();
  let second = 0;
  for (const { executionId, attempt } of world.dataflow.jobs) {
    if (executionId === undefined) continue;
    const key = `${executionId}/${attempt}`;
    if (attempts.has(key)) second += 1;
    attempts.add(key);
  }
  return second;
}
