// Reads the configurations of test/fixtures for tests.

import { readFileSync } from 'node:fs';
import { effectiveLoadConfig } from '../../shared/plan/effective-load.ts';
import { parseLoadConfig, type ReadConfigResult } from '../../shared/plan/read-config.ts';
import type { Overrides } from '../../shared/schema/event.ts';
import type { EffectiveLoad, LoadConfig } from '../../shared/schema/load-config.ts';

/** The text of test/fixtures/configs/`name`. */
export function configText(name: string): string {
  return readFileSync(new URL(`../fixtures/configs/${name}`, import.meta.url), 'utf8');
}

/** Parses YAML text with the given variables. */
export function parse(text: string, env: Readonly<Record<string, string>> = {}): ReadConfigResult {
  return parseLoadConfig(text, { file: 'test.yaml', env });
}

/** The configuration in everything.yaml. */
export function everything(): LoadConfig {
  return accepted(parse(configText('everything.yaml'), { SHOP_HOST: 'shop.internal' }));
}

/** The configuration, or a failed test that shows every problem. */
export function accepted(result: ReadConfigResult): LoadConfig {
  if (result.ok) return result.config;
  throw new Error(result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n'));
}

/** The effective load, or a failed test that shows every violation. */
export function effective(config: LoadConfig, name: string, overrides: Overrides = {}): EffectiveLoad {
  const result = effectiveLoadConfig(config, name, overrides);
  if (result.ok) return result.load;
  throw new Error(result.violations.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

/** A reference to a variable as a configuration writes it. */
export const variable = (name: string): string => `$\{${name}}`;
