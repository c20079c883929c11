// From a request to what is to run: which load, which candidate, with which estimate and profile. Reads, decides nothing else.

import { isEngineError, type Violation } from '../base/errors.ts';
import { effectiveLoadConfig } from '../plan/effective-load.ts';
import type { Candidate, Estimate } from '../schema/candidate.ts';
import type { EffectiveLoad, LoadConfig } from '../schema/load-config.ts';
import type { TableProfile } from '../schema/profile.ts';
import { estimateForMode, type Mode } from '../schema/recommendation.ts';
import { loadOf } from './chain.ts';
import type { EngineDeps } from './deps.ts';
import type { RejectionReason, StartRequest } from './request.ts';

export type Resolved = {
  readonly config: LoadConfig;
  readonly load: EffectiveLoad;
  readonly candidate: Candidate;
  readonly mode?: Mode;
  readonly estimate?: Estimate;
  readonly profile?: TableProfile;
};

export type Resolution =
  | { readonly kind: 'resolved'; readonly resolved: Resolved }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason; readonly violations: readonly Violation[] }
  | { readonly kind: 'missing' };

const rejected = (reason: RejectionReason, path: string, message: string, code = reason.toUpperCase()): Resolution => ({
  kind: 'rejected',
  reason,
  violations: [{ code: code.replaceAll('-', '_'), path, message }],
});

/** One read on the critical path: the recommendation (none for a direct request). Throws EngineError CONFIG when the configuration is broken. */
export async function resolve(
  deps: Pick<EngineDeps, 'recommendations' | 'config' | 'ledger'>,
  request: StartRequest,
): Promise<Resolution> {
  const config = await deps.config();
  if (request.parentId !== undefined) return resolveLeg(deps, request, request.parentId, config);
  return request.direct === undefined
    ? resolveRun(deps, request, config)
    : resolveDirect(request, request.direct, config);
}

async function resolveRun(
  deps: Pick<EngineDeps, 'recommendations'>,
  request: StartRequest,
  config: LoadConfig,
): Promise<Resolution> {
  let recommendation: Awaited<ReturnType<typeof deps.recommendations.read>>;
  try {
    recommendation = await deps.recommendations.read(request.runId);
  } catch (error) {
    if (isEngineError(error, 'CORRUPT_RECORD')) return rejected('invalid-recommendation', '/runId', error.message);
    throw error;
  }
  if (recommendation === undefined) return { kind: 'missing' };
  const estimate = estimateForMode(recommendation, request.mode);
  if (estimate === undefined) {
    return rejected(
      'invalid-recommendation',
      '/mode',
      `recommendation ${request.runId} has no candidate for mode ${request.mode}; leave "mode" out to run its recommended one`,
    );
  }
  const load = effectiveLoadConfig(config, recommendation.load, request.overrides);
  if (!load.ok) return { kind: 'rejected', reason: 'unknown-load', violations: load.violations };
  return {
    kind: 'resolved',
    resolved: {
      config,
      load: load.load,
      candidate: estimate.candidate,
      mode: request.mode ?? recommendation.mode,
      estimate,
      ...(recommendation.profile === undefined ? {} : { profile: recommendation.profile }),
    },
  };
}

function resolveDirect(
  request: StartRequest,
  direct: NonNullable<StartRequest['direct']>,
  config: LoadConfig,
): Resolution {
  const load = effectiveLoadConfig(config, direct.load, request.overrides);
  if (!load.ok) return { kind: 'rejected', reason: 'unknown-load', violations: load.violations };
  if (direct.candidate !== undefined)
    return { kind: 'resolved', resolved: { config, load: load.load, candidate: direct.candidate } };
  if (!config.policy.configOnlyRuns) {
    return rejected(
      'not-allowed',
      '/load',
      'runs from the configuration alone are not allowed here (policy.configOnlyRuns is false); send a runId, or a candidate with the load',
    );
  }
  if (load.load.candidate === undefined) {
    return rejected(
      'not-allowed',
      '/load',
      `load "${direct.load}" has no candidate in the configuration; add loads.${direct.load}.candidate with machineType, workerCount and shardCount`,
    );
  }
  return { kind: 'resolved', resolved: { config, load: load.load, candidate: load.load.candidate } };
}

/** A leg runs what its parent was accepted for: the parent's load, overrides and candidate. */
async function resolveLeg(
  deps: Pick<EngineDeps, 'ledger'>,
  request: StartRequest,
  parentId: string,
  config: LoadConfig,
): Promise<Resolution> {
  const parent = (await deps.ledger.read(parentId))?.value;
  if (parent?.legCandidate === undefined)
    return rejected('unknown-run', '/parentId', `there is no parent execution ${parentId}`);
  const { overrides, load: name } = parent;
  const load = await loadOf(deps, config, {
    runId: request.runId,
    load: name,
    parentId,
    ...(overrides === undefined ? {} : { overrides }),
  });
  if (!load.ok) return { kind: 'rejected', reason: 'unknown-load', violations: load.violations };
  return { kind: 'resolved', resolved: { config, load: load.load, candidate: parent.legCandidate } };
}
