// Checks, while a configuration is read, what would otherwise only show when a load is planned: connection, template, legs.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import { isChain, planChain } from './plan-chain.ts';
import { connectionOf } from './sources/connection.ts';
import { sourceHandler } from './sources/registry.ts';
import { chooseTemplate } from './templates/choose-template.ts';

/** Where a check pretends to run: local secrets are fine there, and whether they may stay is the plan's question. */
const target = {
  executionId: 'exe-check',
  runId: 'check',
  attempt: 1,
  projectId: 'check',
  region: 'check',
  environment: 'LOCAL',
  environmentReason: 'a configuration is checked',
} as const;

/** Everything about a complete load's connection and template that no candidate or profile could mend. */
export function checkSources(load: EffectiveLoad): Violation[] {
  const handler = sourceHandler(load.source.type);
  const connection =
    handler.kind === 'database'
      ? connectionOf(load.source, {
          at: `/sources/${load.sourceName}`,
          place: 'LOCAL',
          address: handler.addressOf,
          urlTakesSecret: false,
        }).violations
      : [];
  if (isChain(load)) {
    const chain = planChain(load, target.executionId);
    return [...connection, ...(chain.ok ? [] : chain.violations)];
  }
  const template = chooseTemplate({ load, target, tempLocation: 'gs://check' });
  return [...connection, ...(template.ok ? [] : template.violations)];
}
