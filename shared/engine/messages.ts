// The messages kept with an execution: warnings and errors, deduplicated, newest 50, secrets scrubbed. Pure.

import { scrub } from '../base/log.ts';
import type { Execution } from '../schema/execution.ts';
import type { JobMessage } from '../schema/job.ts';

type KeptMessage = NonNullable<Execution['messages']>[number];

/** As much of a text as is looked at: a worker may log whole files. Twice what is kept, so that no secret is cut in two unrecognised. */
const maxScrubbed = 4000;
const maxKept = 2000;

/** Equal texts count as one, with the newest time and how often. Ids and numbers in brackets at the front (`(4b7a…): `) do not make texts differ. */
export function keptMessages(messages: readonly JobMessage[]): KeptMessage[] {
  const byText = new Map<string, KeptMessage>();
  for (const message of messages) {
    if (message.importance !== 'ERROR' && message.importance !== 'WARNING') continue;
    const text = scrub(message.text.slice(0, maxScrubbed))
      .replace(/^\([0-9a-f]{8,}\): /, '')
      .slice(0, maxKept);
    const known = byText.get(text);
    byText.set(text, {
      at: Math.max(known?.at ?? 0, message.at),
      importance: known?.importance === 'ERROR' ? 'ERROR' : message.importance,
      text,
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...byText.values()].sort((left, right) => right.at - left.at).slice(0, 50);
}
