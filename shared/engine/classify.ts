// Classifies a failed job by its messages, with the messages quoted as evidence. Pure.

import { scrub } from '../base/log.ts';
import type { Failure } from '../schema/execution.ts';
import type { JobMessage } from '../schema/job.ts';
import { failureTable } from './failure-table.ts';

/**
 * The failure's class, code and evidence. Specific texts win over general ones whatever their order in time ("Workflow failed" closes
 * every failure), but errors over warnings first: a zone that was full for a while is no reason to repeat what a wrong password ended.
 * Without a known text the class is `unknown`.
 */
export function classifyFailure(messages: readonly JobMessage[]): Failure {
  const errors = messages.filter(({ importance }) => importance === 'ERROR');
  const warnings = messages.filter(({ importance }) => importance === 'WARNING');
  return known(errors) ?? known(warnings) ?? unknown([...newestFirst(errors), ...newestFirst(warnings)]);
}

function known(messages: readonly JobMessage[]): Failure | undefined {
  for (const row of failureTable) {
    const matching = messages.filter((message) => row.pattern.test(message.text));
    const [first] = matching;
    if (first === undefined) continue;
    const summary = `${row.meaning}: ${excerpt(scrub(first.text), row.pattern)}`;
    return { class: row.class, code: row.code, summary, evidence: evidenceOf(matching) };
  }
  return undefined;
}

function unknown(messages: readonly JobMessage[]): Failure {
  const [first] = messages;
  const summary = first === undefined ? 'the job failed and left no error message' : shorten(scrub(first.text), 300);
  return { class: 'unknown', code: 'UNKNOWN', summary, evidence: evidenceOf(messages) };
}

const evidenceOf = (messages: readonly JobMessage[]): string[] =>
  messages.slice(0, 5).map(({ text }) => shorten(scrub(text), 1000));

const newestFirst = (messages: readonly JobMessage[]): JobMessage[] =>
  messages.toSorted((left, right) => right.at - left.at);

/** The beginning of the text, or what the row knows it by where the beginning does not reach that far. */
function excerpt(text: string, pattern: RegExp): string {
  const found = pattern.exec(text);
  if (found === null || found.index + found[0].length <= 300) return shorten(text, 300);
  return shorten(`…${text.slice(found.index)}`, 300);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
