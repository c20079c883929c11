// The Profiler port: asks the catalogue of the load's source, whichever database that is. Drivers are loaded only when one is asked.

import type { Clock } from '../base/clock.ts';
import { EngineError } from '../base/errors.ts';
import type { Profiler } from '../engine/ports.ts';
import { parseTableName } from '../plan/sources/identifiers.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { TableProfile } from '../schema/profile.ts';
import { type ResolveSecret, sourceAddress } from './source-address.ts';

export type ProfilerOptions = {
  /** The text behind a Secret Manager version path or `secret://local/NAME`. */
  readonly resolveSecret: ResolveSecret;
  /** How long connecting may take, and as long again each query. */
  readonly connectTimeoutMs: number;
  /** What a profile's `profiledAt` is read from. */
  readonly clock: Clock;
};

/** What one database's profiler is asked: where, which table, and whether to measure a read as well. */
export type ProfileQuestion = {
  readonly address: Awaited<ReturnType<typeof sourceAddress>>;
  readonly schemaName: string | undefined;
  readonly tableName: string;
  readonly warmUp: boolean;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/**
 * Profiles tables of PostgreSQL and MySQL. Throws EngineError NOT_FOUND naming tables that come near, UNAVAILABLE naming host and port,
 * PERMISSION_DENIED when the credentials are refused, INVALID_ARGUMENT for a source nothing here can connect to. Never a secret in a text.
 */
export function createProfiler(options: ProfilerOptions): Profiler {
  return {
    async profile(load, { warmUp = false } = {}): Promise<TableProfile> {
      const { schemaName, tableName } = tableOf(load);
      const address = await sourceAddress(load.source, options.resolveSecret);
      const { connectTimeoutMs: timeoutMs, clock } = options;
      const question = { address, schemaName, tableName, warmUp, timeoutMs, clock };
      if (load.source.type === 'postgres') return (await import('./postgres-profiler.ts')).profilePostgres(question);
      if (load.source.type === 'mysql') return (await import('./mysql-profiler.ts')).profileMysql(question);
      throw new EngineError('INVALID_ARGUMENT', `sources of type ${load.source.type} cannot be profiled`);
    },
  };
}

function tableOf(load: EffectiveLoad): { schemaName: string | undefined; tableName: string } {
  const parts = parseTableName(load.table ?? '');
  if (typeof parts === 'string') throw new EngineError('INVALID_ARGUMENT', parts);
  const tableName = parts.at(-1) ?? '';
  return { schemaName: parts.at(-2), tableName };
}
