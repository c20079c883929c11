// Holds container specs and buckets against the policy's lists of allowed places.

import type { Violation } from '../base/errors.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Policy } from '../schema/policy.ts';

/** Everything outside `policy.templatePaths` and `policy.buckets`, each with the rule, the bound and the value. */
export function checkPlaces(
  policy: Pick<Policy, 'templatePaths' | 'buckets'>,
  places: {
    readonly load: EffectiveLoad;
    readonly containerSpec: string;
    readonly parameters: Readonly<Record<string, string>>;
  },
): Violation[] {
  const { load, containerSpec } = places;
  const violations: Violation[] = [];
  const prefixes = policy.templatePaths;
  if (prefixes !== undefined && !prefixes.some((prefix) => isUnder(containerSpec, prefix))) {
    const message = `templatePaths: ${containerSpec} is not allowed; allowed prefixes: ${prefixes.join(', ') || 'none'}`;
    violations.push({ code: 'guardrail.templatePaths', path: `/loads/${load.name}/template`, message });
  }
  const buckets = policy.buckets;
  if (buckets === undefined) return violations;
  const environment = load.environment ?? {};
  const used: [string, string | undefined][] = [
    [`/loads/${load.name}/environment/tempLocation`, environment.tempLocation],
    [`/loads/${load.name}/environment/stagingLocation`, environment.stagingLocation],
    [`/loads/${load.name}/environment/saveHeapDumpsToGcsPath`, environment.saveHeapDumpsToGcsPath],
    ...Object.entries(places.parameters).map(([name, value]): [string, string] => [`/parameters/${name}`, value]),
  ];
  for (const [path, value] of used) {
    for (const bucket of bucketsIn(value ?? '')) {
      if (buckets.includes(bucket)) continue;
      violations.push({
        code: 'guardrail.buckets',
        path,
        message: `buckets: ${bucket} is not allowed; allowed: ${buckets.join(', ') || 'none'}`,
      });
    }
  }
  return violations;
}

/** A prefix ends at a slash, so that `gs://templates` does not allow `gs://templates-of-others`. */
function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

const bucketsIn = (text: string): string[] =>
  [...text.matchAll(/gs:\/\/([a-z0-9][a-z0-9._-]*)/g)].map((found) => found[1] ?? '');
