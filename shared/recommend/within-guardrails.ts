// The guardrails a candidate is held to at recommend: the policy's bounds, tightened by the request's.

import type { Violation } from '../base/errors.ts';
import type { Guardrails } from '../schema/policy.ts';
import type { CandidateEstimate } from './estimate.ts';

/** Both bounds at once: the smaller maximum, the greater minimum, the intersection of lists. Never looser than the policy. */
export function tighten(policy: Guardrails, request: Guardrails | undefined): Guardrails {
  if (request === undefined) return policy;
  const least = (a: number | undefined, b: number | undefined) =>
    a === undefined ? b : b === undefined ? a : Math.min(a, b);
  const both = (a: string[] | undefined, b: string[] | undefined) =>
    a === undefined ? b : b === undefined ? a : a.filter((entry) => b.includes(entry));
  return withoutUndefined({
    machineFamilies: both(policy.machineFamilies, request.machineFamilies),
    machineTypes: both(policy.machineTypes, request.machineTypes),
    regions: both(policy.regions, request.regions),
    maxWorkers: least(policy.maxWorkers, request.maxWorkers),
    maxVcpus: least(policy.maxVcpus, request.maxVcpus),
    maxShards: least(policy.maxShards, request.maxShards),
    maxCostMicroUsd: least(policy.maxCostMicroUsd, request.maxCostMicroUsd),
    maxDurationSec: least(policy.maxDurationSec, request.maxDurationSec),
    minThroughputMbPerSec: Math.max(policy.minThroughputMbPerSec ?? 0, request.minThroughputMbPerSec ?? 0) || undefined,
  });
}

function withoutUndefined(bounds: { [Key in keyof Guardrails]: Guardrails[Key] | undefined }): Guardrails {
  return Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined)) as Guardrails;
}

/** Every bound an estimate breaks. */
export function violationsOf(estimate: CandidateEstimate, guardrails: Guardrails): Violation[] {
  const found: Violation[] = [];
  const { candidate, estimatedCostMicroUsd, estimatedDurationSec, effectiveThroughputMbPerSec } = estimate;
  const { maxCostMicroUsd, maxDurationSec, minThroughputMbPerSec } = guardrails;
  const say = (code: string, bound: string, message: string) =>
    found.push({ code, path: `/policy/${bound}`, message: `${candidate.label ?? candidate.machineType}: ${message}` });
  if (maxCostMicroUsd !== undefined && estimatedCostMicroUsd > maxCostMicroUsd) {
    say('MAX_COST', 'maxCostMicroUsd', `estimated cost ${estimatedCostMicroUsd} micro-USD is above ${maxCostMicroUsd}`);
  }
  if (maxDurationSec !== undefined && estimatedDurationSec > maxDurationSec) {
    say(
      'MAX_DURATION',
      'maxDurationSec',
      `estimated ${Math.round(estimatedDurationSec)} s is above ${maxDurationSec} s`,
    );
  }
  if (minThroughputMbPerSec !== undefined && effectiveThroughputMbPerSec < minThroughputMbPerSec) {
    say(
      'MIN_THROUGHPUT',
      'minThroughputMbPerSec',
      `estimated ${effectiveThroughputMbPerSec.toFixed(1)} MB/s is below ${minThroughputMbPerSec} MB/s`,
    );
  }
  return found;
}
