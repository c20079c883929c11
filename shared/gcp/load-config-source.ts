// Reads the load configuration from a file or a gs:// object, at most once a minute.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { EngineError } from '../base/errors.ts';
import { parseLoadConfig } from '../plan/read-config.ts';
import type { LoadConfig } from '../schema/load-config.ts';
import { readObject } from './cloud-storage.ts';

/** How long a configuration is used before it is read again: a change reaches every instance within a minute. */
const maxAgeMs = 60_000;

/**
 * The configuration at `location`. Throws EngineError CONFIG with every problem as file:line:column, or UNAVAILABLE when a bucket
 * cannot be read. `env` gives the values of `${VAR}`. A failed read is not kept; concurrent callers share one read.
 */
export function loadConfigSource(options: {
  readonly location: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}): () => Promise<LoadConfig> {
  let current: { readonly readAt: number; readonly config: Promise<LoadConfig> } | undefined;
  return async () => {
    const now = options.clock.now();
    if (current === undefined || now - current.readAt > maxAgeMs) current = { readAt: now, config: read(options) };
    try {
      return await current.config;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
}

async function read({
  location,
  env,
}: {
  location: string;
  env: Readonly<Record<string, string | undefined>>;
}): Promise<LoadConfig> {
  const text = location.startsWith('gs://') ? await readObject(location) : await readLocal(location);
  const parsed = parseLoadConfig(text, { file: location, env });
  if (parsed.ok) return parsed.config;
  const problems = parsed.problems.map(({ line, column, message }) => `${location}:${line}:${column}: ${message}`);
  throw new EngineError('CONFIG', `the load configuration is not valid:\n${problems.join('\n')}`);
}

async function readLocal(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new EngineError(
      'CONFIG',
      `LOAD_CONFIG names ${path}, which cannot be read; give a readable file or a gs:// object`,
      { cause },
    );
  }
}
