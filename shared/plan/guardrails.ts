// Holds a run against the policy and the request's own guardrails: every broken rule with its bound and value.

import type { Candidate, Estimate } from '../schema/candidate.ts';
import type { Guardrails, Policy } from '../schema/policy.ts';
import type { MachineType } from './machine-types.ts';

export type GuardrailViolation = {
  /** `guardrail.maxWorkers`, … */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly rule: string;
  readonly bound: number | readonly string[];
  readonly value: number | string;
};

export type GuardrailInput = {
  readonly candidate: Candidate;
  /** Undefined: the type is unknown, which is a violation of its own elsewhere. */
  readonly machine: MachineType | undefined;
  readonly regions: readonly string[];
  readonly guardrails: Guardrails;
  readonly estimate?: Estimate | undefined;
  /** The estimate came with the request instead of being computed here: said in every message that rests on it. */
  readonly estimateIsStated?: boolean | undefined;
  readonly dailyBudgetMicroUsd?: number | undefined;
  readonly spentTodayMicroUsd?: number | undefined;
};

/** The tighter of both, rule by rule: lower maxima, higher minima, lists intersected. Neither side can loosen the other (invariant 7). */
export function tightest(policy: Guardrails | Policy, request: Guardrails | undefined): Guardrails {
  const result: { -readonly [key in keyof Guardrails]: Guardrails[key] } = {};
  for (const rule of lists) {
    const [ours, theirs] = [policy[rule], request?.[rule]];
    const both = ours !== undefined && theirs !== undefined ? intersect(rule, ours, theirs) : (ours ?? theirs);
    if (both !== undefined) result[rule] = both;
  }
  for (const rule of maxima) {
    const bounds = [policy[rule], request?.[rule]].filter((bound) => bound !== undefined);
    if (bounds.length > 0) result[rule] = Math.min(...bounds);
  }
  const minima = [policy.minThroughputMbPerSec, request?.minThroughputMbPerSec].filter((bound) => bound !== undefined);
  if (minima.length > 0) result.minThroughputMbPerSec = Math.max(...minima);
  return result;
}

const lists = ['machineFamilies', 'machineTypes', 'regions'] as const;
const maxima = ['maxWorkers', 'maxVcpus', 'maxShards', 'maxCostMicroUsd', 'maxDurationSec'] as const;

/** Entries of one list that the other allows too; a family list may hold `n2` on one side and `n2-standard` on the other. */
function intersect(rule: (typeof lists)[number], ours: readonly string[], theirs: readonly string[]): string[] {
  const allows = (list: readonly string[], entry: string) =>
    list.some((one) => (rule === 'regions' ? sameText(one, entry) : covers(one, entry)));
  return [
    ...new Set([...ours.filter((entry) => allows(theirs, entry)), ...theirs.filter((entry) => allows(ours, entry))]),
  ];
}

/** `n2` covers `n2-standard-4` but not `n2d-standard-4`. */
function covers(entry: string, name: string): boolean {
  const [prefix, whole] = [entry.toLowerCase(), name.toLowerCase()];
  return whole === prefix || whole.startsWith(`${prefix}-`);
}
const sameText = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Every rule the run breaks. A bound that rests on an estimate is broken too when there is no estimate: it could not be held. */
export function checkGuardrails(input: GuardrailInput): GuardrailViolation[] {
  const { guardrails, candidate, machine } = input;
  const vcpus = (machine?.vcpus ?? 0) * candidate.workerCount;
  return [
    ...allowed(
      'machineFamilies',
      guardrails.machineFamilies,
      familyNames(candidate, machine),
      '/candidate/machineType',
    ),
    ...allowed('machineTypes', guardrails.machineTypes, [candidate.machineType], '/candidate/machineType'),
    ...input.regions.flatMap((region) => allowed('regions', guardrails.regions, [region], '/environment/region')),
    ...atMost('maxWorkers', guardrails.maxWorkers, candidate.workerCount, '/candidate/workerCount', 'workers'),
    ...atMost(
      'maxVcpus',
      guardrails.maxVcpus,
      vcpus,
      '/candidate',
      `vCPUs (${candidate.workerCount} × ${machine?.vcpus ?? 0})`,
    ),
    ...atMost('maxShards', guardrails.maxShards, candidate.shardCount, '/candidate/shardCount', 'shards'),
    ...onEstimate(input),
  ];
}

function familyNames(candidate: Candidate, machine: MachineType | undefined): string[] {
  const name = candidate.machineType.toLowerCase();
  // `custom-4-15360` is an n1 type although its name does not say so.
  return machine === undefined || name.startsWith(`${machine.family}-`) ? [name] : [name, `${machine.family}-${name}`];
}

function allowed(
  rule: 'machineFamilies' | 'machineTypes' | 'regions',
  bound: readonly string[] | undefined,
  names: string[],
  path: string,
): GuardrailViolation[] {
  const value = names[0] ?? '';
  const fits = (entry: string) =>
    names.some((name) => (rule === 'machineFamilies' ? covers(entry, name) : sameText(entry, name)));
  if (bound === undefined || bound.some(fits)) return [];
  const list = bound.length === 0 ? 'nothing (policy and request have none in common)' : bound.join(', ');
  return [
    {
      code: `guardrail.${rule}`,
      path,
      rule,
      bound,
      value,
      message: `${rule}: ${value} is not allowed; allowed: ${list}`,
    },
  ];
}

function atMost(
  rule: string,
  bound: number | undefined,
  value: number,
  path: string,
  what: string,
): GuardrailViolation[] {
  if (bound === undefined || value <= bound) return [];
  return [
    { code: `guardrail.${rule}`, path, rule, bound, value, message: `${rule}: ${value} ${what}, allowed are ${bound}` },
  ];
}

function onEstimate(input: GuardrailInput): GuardrailViolation[] {
  const { guardrails, estimate } = input;
  const stated = input.estimateIsStated === true ? ' (stated with the request, not computed here)' : '';
  const rules: [string, number | undefined, number | undefined, (value: number, bound: number) => boolean][] = [
    ['maxCostMicroUsd', guardrails.maxCostMicroUsd, estimate?.estimatedCostMicroUsd, (value, bound) => value <= bound],
    ['maxDurationSec', guardrails.maxDurationSec, estimate?.estimatedDurationSec, (value, bound) => value <= bound],
    [
      'minThroughputMbPerSec',
      guardrails.minThroughputMbPerSec,
      estimate?.effectiveThroughputMbPerSec,
      (value, bound) => value >= bound,
    ],
    [
      'dailyBudgetMicroUsd',
      input.dailyBudgetMicroUsd,
      withSpent(estimate, input.spentTodayMicroUsd),
      (value, bound) => value <= bound,
    ],
  ];
  return rules.flatMap(([rule, bound, value, holds]): GuardrailViolation[] => {
    if (bound === undefined) return [];
    const shared = { code: `guardrail.${rule}`, path: '/candidate', rule, bound };
    if (value === undefined || !Number.isFinite(value)) {
      // A job without an estimate still ends at its walltime guard, which is never above maxDurationSec.
      if (rule === 'maxDurationSec') return [];
      return [{ ...shared, value: 'unknown', message: `${rule}: there is no estimate to hold against ${bound}` }];
    }
    if (holds(value, bound)) return [];
    return [{ ...shared, value, message: `${rule}: ${Math.round(value * 1000) / 1000}${stated}, allowed is ${bound}` }];
  });
}

function withSpent(estimate: Estimate | undefined, spent: number | undefined): number | undefined {
  return estimate === undefined ? undefined : estimate.estimatedCostMicroUsd + (spent ?? 0);
}
