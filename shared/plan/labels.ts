// Writes job labels: ours that tie a job to its execution, and the user's, both in the form Dataflow accepts.

import type { Violation } from '../base/errors.ts';

/** Google adds up to three of its own to a job's 64 (dataflow-env.md 5). */
const maxLabels = 61;

/**
 * The labels of a job: streamnova-execution, -attempt, -load, -run, and the user's, sanitised. Keys under `goog` and `streamnova-` are
 * refused, because they belong to Google and to the engine.
 */
export function jobLabels(
  own: { readonly executionId: string; readonly attempt: number; readonly load: string; readonly runId: string },
  user: Readonly<Record<string, string>>,
  path: string,
): {
  readonly labels: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
} {
  const violations: Violation[] = [];
  const warnings: string[] = [];
  const labels: Record<string, string> = {
    'streamnova-execution': labelValue(own.executionId),
    'streamnova-attempt': String(own.attempt),
    'streamnova-load': labelValue(own.load),
    'streamnova-run': labelValue(own.runId),
  };
  for (const [name, value] of Object.entries(user)) {
    const key = labelKey(name);
    const at = `${path}/${name}`;
    if (key === undefined) {
      violations.push({ code: 'LABEL', path: at, message: 'a label key needs at least one letter to begin with' });
    } else if (key.startsWith('goog') || key.startsWith('streamnova-')) {
      const owner = key.startsWith('goog') ? 'Google' : 'the engine';
      violations.push({
        code: 'LABEL',
        path: at,
        message: `label keys of that prefix belong to ${owner}: choose another`,
      });
    } else {
      const clean = labelValue(value);
      if (key !== name || clean !== value)
        warnings.push(`label ${name} is written as ${key}=${clean}: lower case letters, digits, _ and - only`);
      if (Object.hasOwn(labels, key)) warnings.push(`two labels become ${key}: the last one counts`);
      labels[key] = clean;
    }
  }
  const count = Object.keys(labels).length;
  if (count > maxLabels) {
    violations.push({
      code: 'LABEL',
      path,
      message: `${count} labels, at most ${maxLabels}: Dataflow takes 64, and Google adds three of its own`,
    });
  }
  return { labels, warnings, violations };
}

/** Job.labels values: lower case letters, digits, `_` and `-`, at most 63 characters. */
export function labelValue(text: string): string {
  return clean(text).slice(0, 63).replace(/-+$/, '');
}

function labelKey(text: string): string | undefined {
  const key = clean(text)
    .replace(/^[^a-z]+/, '')
    .slice(0, 63);
  return key === '' ? undefined : key;
}

/** Unicode letters are legal in labels; ASCII alone is, so that a label can also be typed in a filter. */
function clean(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-');
}
