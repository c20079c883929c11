// A cost that is called settled is made of what the jobs of all attempts used in the end.

import type { Execution } from '../../shared/schema/execution.ts';
import { vcpuSecAt } from './memory-job.ts';
import type { Report, Truth } from './watch.ts';

/** Reports each attempt whose use in a settled cost is not what its job used in the end. */
export function checkSettled(record: Execution, truth: Pick<Truth, 'job'>, report: Report): void {
  if (record.cost?.level !== 'settled') return;
  for (const [index, attempt] of record.attempts.entries()) {
    const job = attempt.jobId === undefined ? undefined : truth.job(attempt.jobId);
    if (job === undefined) continue;
    const use = index === record.attempts.length - 1 ? record.metrics : attempt.use;
    const final = vcpuSecAt(job, Number.POSITIVE_INFINITY);
    if (use?.vcpuSec !== final) {
      const counted = `${use?.vcpuSec} vCPU seconds of ${job.id}, which used ${final}`;
      report('settled early', `${record.executionId} attempt ${attempt.number} counts ${counted}`);
    }
  }
}
