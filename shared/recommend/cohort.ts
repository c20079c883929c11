// The cohort document: what a load's clean runs on one machine family were estimated to take, raw, and what they truly took.

import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { documentIdOf } from '../base/ids.ts';
import { candidateSchema } from '../schema/candidate.ts';

const seconds = z.number().min(0);

/** One clean run. `raw` is the estimate before any correction: comparing with a corrected one would feed the learning its own output. */
export const cohortRecordSchema = z.strictObject({
  executionId: z.string(),
  endedAt: z.int().min(0),
  candidate: candidateSchema,
  /** Ranges read at once. */
  readers: z.int().min(1),
  /** Table bytes the raw estimate counted with. */
  sizeBytes: z.number().min(0),
  raw: z.strictObject({ startupSec: seconds, runningSec: seconds, costMicroUsd: z.int().min(0) }),
  actual: z.strictObject({
    /** Absent where it says nothing: a FlexRS run waits by design. */
    startupSec: seconds.optional(),
    runningSec: seconds,
    costMicroUsd: z.int().min(0).optional(),
    /** When the metrics behind the cost were read (epoch ms): of two readings of one run the later one counts, whichever arrives last. */
    costReadAt: z.int().min(0).optional(),
  }),
});
export type CohortRecord = z.output<typeof cohortRecordSchema>;

/** How many runs a cohort remembers. */
export const cohortSize = 20;

/** Document `cohorts/{cohortIdOf(key)}`, schema version 1. Records are a set keyed by executionId, newest first. */
export const cohortSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    load: z.string(),
    templateName: z.string(),
    machineFamily: z.string(),
    records: z.array(cohortRecordSchema).max(cohortSize),
  })
  .meta({ id: 'Cohort' });
export type Cohort = z.output<typeof cohortSchema>;

export type CohortKey = Pick<Cohort, 'load' | 'templateName' | 'machineFamily'>;

/** A clean run and the cohort it belongs to. */
export type CleanRun = CohortKey & { readonly record: CohortRecord };

/**
 * The template as cohorts tell it. Beam YAML carries every pair of ends that no template of Google's does, both legs of a three-stage load
 * among them: what its runs have in common is the source they read.
 */
export const cohortTemplate = (templateName: string, sourceName: string | undefined): string =>
  templateName === 'Yaml_Template' && sourceName !== undefined ? `${templateName} from ${sourceName}` : templateName;

/** The document id of a cohort. */
export const cohortIdOf = (key: CohortKey): string =>
  documentIdOf('cohort', [key.load, key.templateName, key.machineFamily].join('\u0000'));

/**
 * The cohort with one run added, the newest `cohortSize` kept. A run that is known is replaced by a later reading of it with other
 * figures: its cost settles minutes after its end. Applying the same run again changes nothing (it returns the very cohort it was
 * given), and so does an earlier reading, or a run older than all that are remembered: they may arrive twice and in any order.
 */
export function updateCohort(cohort: Cohort | undefined, run: CleanRun): Cohort {
  const { record } = run;
  const before = cohort?.records ?? [];
  const known = before.find(({ executionId }) => executionId === record.executionId);
  if (cohort !== undefined && known !== undefined && !supersedes(record, known)) return cohort;
  const records = [...before.filter((other) => other !== known), record]
    .sort((a, b) => b.endedAt - a.endedAt || (a.executionId < b.executionId ? -1 : 1))
    .slice(0, cohortSize);
  if (cohort !== undefined && !records.includes(record)) return cohort;
  return {
    schemaVersion: 1,
    load: run.load,
    templateName: run.templateName,
    machineFamily: run.machineFamily,
    records,
  };
}

function supersedes(record: CohortRecord, known: CohortRecord): boolean {
  const { costReadAt: readAt = 0, ...actual } = record.actual;
  const { costReadAt: knownAt = 0, ...knownActual } = known.actual;
  return readAt > knownAt && !isDeepStrictEqual({ ...record, actual }, { ...known, actual: knownActual });
}

/** A cohort document as stored, or undefined when there is none or it is damaged: learning starts anew rather than failing a load. */
export function parseCohort(value: unknown): Cohort | undefined {
  const parsed = cohortSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
