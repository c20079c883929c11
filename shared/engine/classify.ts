// Classifies a failed job by its messages, with the messages quoted as evidence. Pure.

import { scrub } from '../base/log.ts';
import type { Failure } from '../schema/execution.ts';
import type { JobMessage } from '../schema/job.ts';
import { failureTable } from './failure-table.ts';

/**
 * The failure's class, code and evidence. Specific texts win over general ones whatever their order in time ("Workflow failed" closes
 * every failure). Without a known text the class is `unknown`.
 */
export function classifyFailure(messages: readonly JobMessage[]): Failure {
  const errors = messages.filter((message) => message.importance === 'ERROR' || message.importance === 'WARNING');
  for (const row of failureTable) {
    const matching = errors.filter((message) => row.pattern.test(message.text));
    const [first] = matching;
    if (first === undefined) continue;
    return {
      class: row.class,
      code: row.code,
      summary: `${row.meaning}: ${shorten(scrub(first.text), 300)}`,
      evidence: matching.slice(0, 5).map((message) => shorten(scrub(message.text), 1000)),
    };
  }
  const newest = errors.toSorted((left, right) => right.at - left.at);
  return {
    class: 'unknown',
    code: 'UNKNOWN',
    summary: newest[0] === undefined ? 'the job failed and left no error message' : shorten(scrub(newest[0].text), 300),
    evidence: newest.slice(0, 5).map((message) => shorten(scrub(message.text), 1000)),
  };
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
