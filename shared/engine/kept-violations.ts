// What is kept of the reasons of a rejection: enough to correct the request, never so much that the record would not fit the store.

import type { Violation } from '../base/errors.ts';

const maxViolations = 50;
const maxTextLength = 500;

/** At most 50 reasons of bounded, well-formed text; the last one says how many there are beyond. */
export function keptViolations(violations: readonly Violation[]): Violation[] {
  const kept = violations.slice(0, maxViolations).map(({ code, path, message }) => ({
    code,
    path: bounded(path),
    message: bounded(message),
  }));
  const beyond = violations.length - maxViolations;
  return beyond > 0 ? [...kept, { code: 'MORE', path: '', message: `and ${beyond} more problems of this kind` }] : kept;
}

/** The reasons in one text. */
export function summaryOf(violations: readonly Violation[]): string {
  return bounded(
    violations
      .slice(0, maxViolations)
      .map(({ message }) => message)
      .join('; '),
    4 * maxTextLength,
  );
}

function bounded(text: string, length = maxTextLength): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}
