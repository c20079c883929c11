// Turns zod issues of a load configuration into problems a person can act on, each with its place in the YAML.

import type * as z from 'zod';
import { loadConfigSchema } from '../schema/load-config.ts';
import { type Locate, pointerOf } from './config-positions.ts';
import { didYouMean } from './nearest-names.ts';
import { keysOfSchema } from './schema-keys.ts';

/** One thing wrong with a configuration. `path` is a JSON pointer; lines and columns count from 1. */
export type ConfigProblem = {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
};

type Issue = z.core.$ZodIssue;

/** One problem per issue; an issue that names several unknown keys becomes one problem per key. Input values are never quoted. */
export function problemsOfIssues(issues: readonly Issue[], locate: Locate): ConfigProblem[] {
  return issues.flatMap((issue): ConfigProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysOfSchema(loadConfigSchema, issue.path);
      return issue.keys.map((key) => ({
        ...locate([...issue.path, key], 'key'),
        path: pointerOf([...issue.path, key]),
        message: `unknown key "${key}"${didYouMean(key, known)}${known.length > 0 ? `; known here: ${known.join(', ')}` : ''}`,
      }));
    }
    const missing = isMissing(issue);
    const at = missing ? locate(issue.path.slice(0, -1), 'key') : locate(issue.path);
    return [{ ...at, path: pointerOf(issue.path), message: messageOf(issue, missing) }];
  });
}

function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
}

function messageOf(issue: Issue, missing: boolean): string {
  const name = String(issue.path.at(-1) ?? 'the file');
  if (missing && issue.code === 'invalid_type') return `${name} is missing: it must be ${a(issue.expected)}`;
  if (issue.code === 'invalid_union') {
    const alternatives = issue.errors.map((branch) => branch.map((inner) => bare(inner.message)).join(' and '));
    return `${name} ${[...new Set(alternatives)].join(', or ')}`;
  }
  if (issue.code === 'invalid_key')
    return `the name "${name}" ${issue.issues.map((inner) => bare(inner.message)).join('; ')}`;
  return `${name} ${bare(issue.message)}`;
}

/** zod's text as the end of a sentence that begins with the field's name. */
function bare(message: string): string {
  const text = message
    .replace(/^Invalid (?:string|input|option|key in record): /, '')
    .replace(/^Too (?:big|small): expected \w+ to (have|be)/, 'must $1')
    .replace(
      /^expected (\w+), received (\w+)$/,
      (_, wanted: string, got: string) => `must be ${a(wanted)}, not ${a(got)}`,
    )
    .replace(/^expected/, 'must be');
  return /^(must|is)\b/.test(text) ? text : `is wrong: ${text}`;
}

const a = (noun: string): string =>
  /^(undefined|null)$/.test(noun) ? noun : `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
