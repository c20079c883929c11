// Checks the numbers of a candidate: the schema does at the edge, and a plan never rests on anything less.

import type { Violation } from '../base/errors.ts';
import { type Candidate, candidateSchema } from '../schema/candidate.ts';

/** Every field of a candidate that is out of its range. */
export function checkCandidate(candidate: Candidate): Violation[] {
  const parsed = candidateSchema.safeParse(candidate);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    code: 'CANDIDATE',
    path: `/candidate${issue.path.map((step) => `/${String(step)}`).join('')}`,
    message: `candidate ${issue.path.join('.')}: ${issue.message}`,
  }));
}
