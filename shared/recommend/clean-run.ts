// Which ended executions teach something: clean successes alone; and what they teach, as a cohort record.

import * as z from 'zod';
import { findMachineType } from '../plan/machine-types.ts';
import { estimateSchema } from '../schema/candidate.ts';
import type { Execution } from '../schema/execution.ts';
import { type CleanRun, cohortRecordSchema, cohortTemplate } from './cohort.ts';

const learnableSchema = z.looseObject({
  raw: cohortRecordSchema.shape.raw,
  sizeBytes: z.number().min(0),
  readers: z.int().min(1),
});

/**
 * The clean run an ended execution is, or the reason why it teaches nothing. Failed, cancelled and repeated executions are left out
 * (a stockout's delay says nothing about the next start-up), and so is one whose estimate stated no raw values. Pure.
 */
export function cleanRunOf(
  execution: Execution,
): { readonly ok: true; readonly run: CleanRun } | { readonly ok: false; readonly reason: string } {
  const skipped = (reason: string) => ({ ok: false, reason }) as const;
  if (execution.status !== 'SUCCEEDED') return skipped(`it ended ${execution.status}`);
  const [attempt, ...more] = execution.attempts;
  if (attempt === undefined || more.length > 0) return skipped(`it took ${execution.attempts.length} attempts`);
  const estimate = estimateSchema.safeParse(execution.estimate).data;
  const learnable = learnableSchema.safeParse(execution.estimate).data;
  if (estimate === undefined || learnable === undefined) return skipped('its estimate states no raw values');
  if (estimate.candidate.machineType !== attempt.candidate.machineType)
    return skipped('it ran on another machine type');
  const { durations } = execution;
  if (durations === undefined || durations.runningSec <= 0) return skipped('its running time is unknown');
  if (durations.startupSec <= 0) return skipped('the end of its start-up is unknown, so its running time is too');
  const machine = findMachineType(attempt.candidate.machineType);
  if (!machine.ok) return skipped(machine.message);
  const startupSec = durations.dataflowQueuedSec + durations.startupSec;
  return {
    ok: true,
    run: {
      load: execution.load,
      templateName: cohortTemplate(execution.templateName ?? 'unknown', execution.sourceName),
      machineFamily: machine.machineType.family,
      record: {
        executionId: execution.executionId,
        endedAt: execution.endedAt ?? execution.updatedAt,
        candidate: attempt.candidate,
        readers: learnable.readers,
        sizeBytes: learnable.sizeBytes,
        raw: learnable.raw,
        actual: {
          ...(attempt.candidate.flexRs === true ? {} : { startupSec }),
          runningSec: durations.runningSec,
          ...(execution.cost === undefined
            ? {}
            : { costMicroUsd: execution.cost.microUsd.total, costReadAt: execution.cost.readAt }),
        },
      },
    },
  };
}
