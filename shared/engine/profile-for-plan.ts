// The profile a plan is made from: the recommendation's, a fresh cached one, or the source's own catalogue.

import { EngineError, isEngineError, type Violation } from '../base/errors.ts';
import { documentIdOf } from '../base/ids.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Policy } from '../schema/policy.ts';
import { profileSchema, type TableProfile } from '../schema/profile.ts';
import type { EngineDeps } from './deps.ts';

type Deps = Pick<EngineDeps, 'profiler' | 'documents' | 'clock'>;

/** How old a cached profile may be before the catalogue is asked again. */
const profileMaxAgeMs = 3_600_000;

export type ProfileAnswer =
  | { readonly kind: 'profiled'; readonly profile: TableProfile; readonly fromCache: boolean }
  /** Not profiled, and why; no reason to refuse: the workers may reach what this instance cannot. */
  | { readonly kind: 'unprofiled'; readonly warning: string }
  /** The catalogue says the load cannot work. */
  | { readonly kind: 'refused'; readonly violations: readonly Violation[] };

/** Asks the catalogue (or the cache) about a load's table. Never throws for a source that cannot be read. */
export async function profileForPlan(
  deps: Deps,
  load: EffectiveLoad,
  policy: Pick<Policy, 'profileAtExecute'>,
  options: { readonly refresh?: boolean; readonly warmUp?: boolean } = {},
): Promise<ProfileAnswer> {
  if (deps.profiler === undefined || !policy.profileAtExecute) {
    return { kind: 'unprofiled', warning: 'the table was not profiled: profiling is switched off here' };
  }
  if (load.source.type !== 'postgres' && load.source.type !== 'mysql') {
    return {
      kind: 'unprofiled',
      warning: `the table was not profiled: no profiler for sources of type ${load.source.type}`,
    };
  }
  if (load.table === undefined)
    return { kind: 'unprofiled', warning: 'the source was not profiled: the load reads a query' };
  const { type, host, port, database, jdbcUrl, cloudSqlInstance } = load.source;
  // A scenario may give a source of the same name another address.
  const address = [load.sourceName, type, host, port, database, jdbcUrl, cloudSqlInstance, load.table];
  const id = documentIdOf('profile', address.join('\u0000'));
  const cached = await cachedProfile(deps, id, options);
  if (cached.profile !== undefined) return { kind: 'profiled', profile: cached.profile, fromCache: true };
  try {
    const profile = await deps.profiler.profile(load, { warmUp: options.warmUp === true });
    await keepProfile(deps, id, profile, cached.version);
    return { kind: 'profiled', profile, fromCache: false };
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) {
      return {
        kind: 'refused',
        violations: [{ code: 'TABLE_NOT_FOUND', path: `/loads/${load.name}/table`, message: error.message }],
      };
    }
    if (error instanceof EngineError)
      return { kind: 'unprofiled', warning: `the table was not profiled: ${error.message}` };
    throw error;
  }
}

/** Whether it could be kept or not: the next plan asks again. */
async function keepProfile(deps: Deps, id: string, profile: TableProfile, version: string | undefined): Promise<void> {
  try {
    await deps.documents.write('profiles', id, profile, version);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
}

async function cachedProfile(
  deps: Deps,
  id: string,
  options: { readonly refresh?: boolean; readonly warmUp?: boolean },
): Promise<{ profile?: TableProfile; version: string | undefined }> {
  const stored = await deps.documents.read('profiles', id);
  const parsed = profileSchema.safeParse(stored?.value);
  const fresh =
    parsed.success &&
    options.refresh !== true &&
    (options.warmUp !== true || parsed.data.readThroughput !== undefined) &&
    deps.clock.now() - Date.parse(parsed.data.profiledAt) <= profileMaxAgeMs;
  return { version: stored?.version, ...(fresh ? { profile: parsed.data } : {}) };
}
