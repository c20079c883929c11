// What Dataflow has against a launch, as the violations of a request.

import type { EngineError, Violation } from '../base/errors.ts';

/** One violation per parameter the service named, or the error itself where it named none. */
export function refusalViolations({ code, message, violations }: EngineError): Violation[] {
  if (violations.length === 0) return [{ code, path: '', message }];
  return violations.map(({ parameter, description }) => ({
    code: 'PARAMETER',
    path: `/launchParameter/parameters/${parameter}`,
    message: description,
  }));
}
