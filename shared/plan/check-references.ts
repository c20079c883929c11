// Checks what a configuration's parts say about each other: names that must exist, and loads that must be complete.

import type { Violation } from '../base/errors.ts';
import type { LoadConfig } from '../schema/load-config.ts';
import { checkLoad } from './check-load.ts';
import { checkSources } from './check-sources.ts';
import { effectiveLoadConfig } from './effective-load.ts';
import { didYouMean } from './nearest-names.ts';

/**
 * Every broken reference of a configuration, by JSON pointer. `raw` may be of any shape, so that wrong names are found in a file that has
 * other faults too; `config` is the same once it fits the schema: then each load is also checked for completeness under its scenarios.
 */
export function checkReferences(raw: unknown, config: LoadConfig | undefined): Violation[] {
  const sources = fieldOf(raw, 'sources');
  const targets = fieldOf(raw, 'targets');
  const violations: Violation[] = [];
  for (const [name, load] of Object.entries(fieldOf(raw, 'loads'))) {
    const at = `/loads/${name}`;
    violations.push(
      ...unknownName(load, 'source', 'source', sources, at),
      ...unknownName(load, 'target', 'target', targets, at),
      ...unknownName(load, 'via', 'target', targets, at),
    );
  }
  violations.push(...unknownName(raw, 'defaultScenario', 'scenario', fieldOf(raw, 'scenarios'), ''));
  if (config !== undefined && violations.length === 0) {
    for (const name of Object.keys(config.loads)) {
      const effective = effectiveLoadConfig(config, name);
      if (!effective.ok) violations.push(...effective.violations);
      else {
        const incomplete = checkLoad(effective.load);
        violations.push(...(incomplete.length > 0 ? incomplete : checkSources(effective.load)));
      }
    }
  }
  return violations;
}

function unknownName(holder: unknown, key: string, kind: string, known: object, at: string): Violation[] {
  const name: unknown = holder !== null && typeof holder === 'object' ? Reflect.get(holder, key) : undefined;
  if (typeof name !== 'string' || Object.hasOwn(known, name)) return [];
  const names = Object.keys(known);
  const list = names.length === 0 ? `no ${kind}s are configured` : `configured: ${names.join(', ')}`;
  return [
    {
      code: 'UNKNOWN_NAME',
      path: `${at}/${key}`,
      message: `${key} names a ${kind} that is not configured${didYouMean(name, names)}; ${list}`,
    },
  ];
}

function fieldOf(holder: unknown, key: string): object {
  const value: unknown = holder !== null && typeof holder === 'object' ? Reflect.get(holder, key) : undefined;
  return value !== null && typeof value === 'object' ? value : {};
}
