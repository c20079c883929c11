// Reads what a command line names: a load configuration or a JSON file, with everything that is wrong in it.

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseLoadConfig } from '../../shared/plan/read-config.ts';
import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { UsageError } from '../usage-error.ts';

/** The configuration in a file. Throws UsageError with line and column of every problem. */
export function readConfig(file: string): LoadConfig {
  const result = parseLoadConfig(readText(file), { file, env: process.env });
  if (result.ok) return result.config;
  throw new UsageError(
    result.problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
  );
}

/** The value in a JSON file. Throws UsageError with every place that does not fit the schema. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file}:\n${z.prettifyError(parsed.error)}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
