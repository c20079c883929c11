// What to try after a failure: one rung per failure class. Pure; bounds (attempts, deadline, budget) are the caller's.

import { findMachineType, machineTypes } from '../plan/machine-types.ts';
import type { Candidate } from '../schema/candidate.ts';
import type { Failure } from '../schema/execution.ts';

export type Rung =
  | {
      readonly kind: 'retry';
      readonly action: string;
      readonly reason: string;
      readonly candidate: Candidate;
      /** True: no worker zone may be pinned in the next attempt. */
      readonly anyZone: boolean;
      readonly waitMs: number;
    }
  | { readonly kind: 'give-up'; readonly reason: string };

export type LadderInput = {
  readonly failure: Failure;
  readonly candidate: Candidate;
  /** Classes of the failures of all attempts so far, this one included, oldest first. */
  readonly classesSoFar: readonly Failure['class'][];
  readonly zonePinned: boolean;
  readonly launcherMachineType?: string;
  readonly region: string;
  /** Families in the order of preference; those the policy allows. */
  readonly allowedFamilies?: readonly string[];
};

/** General-purpose families Dataflow documents as eligible, newest last: a stockout of one rarely hits the others. */
const familyOrder = ['n2', 'n2d', 'n1', 'e2', 'c3', 't2d'] as const;

/** Google prescribes a retry loop on stockouts; the first wait is short because the next attempt asks for something else. */
const capacityWaitMs = 60_000;
const quotaWaitMs = 300_000;

/** The next rung for this failure, or why there is none. */
export function nextRung(input: LadderInput): Rung {
  const { failure, candidate } = input;
  const before = input.classesSoFar.filter((seen) => seen === failure.class).length - 1;
  switch (failure.class) {
    case 'capacity':
      if (input.zonePinned && before === 0)
        return retry(candidate, 'any zone', 'the pinned zone had no machines', capacityWaitMs);
      return otherFamily(input);
    case 'launcher-capacity':
      return otherLauncher(input);
    case 'quota':
      return smaller(input);
    case 'concurrency':
      return retry(candidate, 'wait', "the project's concurrent jobs were used up", quotaWaitMs);
    case 'launch':
    case 'service':
      return before === 0
        ? retry(
            candidate,
            'once more',
            `${failure.class === 'launch' ? 'launch' : 'service'} failures are mostly transient`,
            capacityWaitMs,
          )
        : { kind: 'give-up', reason: `the same ${failure.class} failure twice is no accident` };
    case 'size':
      return before === 0
        ? retry(candidate, 'once more', 'a worker was lost, perhaps by accident', capacityWaitMs)
        : bigger(input);
    case 'user':
    case 'network':
    case 'permission':
    case 'temp-location':
    case 'policy':
    case 'incomplete':
    case 'unknown':
      return { kind: 'give-up', reason: `a failure of class ${failure.class} fails again however often it is tried` };
  }
}

function retry(candidate: Candidate, action: string, reason: string, waitMs: number): Rung {
  return { kind: 'retry', action, reason, candidate, anyZone: action === 'any zone', waitMs };
}

function otherFamily(input: LadderInput): Rung {
  const current = findMachineType(input.candidate.machineType);
  if (!current.ok) return { kind: 'give-up', reason: current.message };
  const tried = input.classesSoFar.filter((seen) => seen === 'capacity').length;
  const families = familyOrder.filter(
    (family) =>
      family !== current.machineType.family &&
      (input.allowedFamilies === undefined || input.allowedFamilies.includes(family)),
  );
  const options = families.flatMap(
    (family) =>
      machineTypes
        .filter((type) => type.family === family && !type.sharedCore && available(type.regions, input.region))
        .filter(
          (type) => type.vcpus === current.machineType.vcpus && type.memoryGib >= 0.9 * current.machineType.memoryGib,
        )
        .sort((left, right) => left.memoryGib - right.memoryGib)[0] ?? [],
  );
  const choice = options[(tried - 1) % Math.max(1, options.length)];
  return choice === undefined
    ? {
        kind: 'give-up',
        reason: `no other machine family offers ${current.machineType.vcpus} vCPUs in ${input.region}`,
      }
    : retry(
        withMachine(input.candidate, choice.name),
        `machine type ${choice.name}`,
        'another machine family draws on other machines',
        capacityWaitMs,
      );
}

function otherLauncher(input: LadderInput): Rung {
  const launchers = ['n1-standard-1', 'n2-standard-2', 'e2-standard-2', 'n2d-standard-2'];
  const current = input.launcherMachineType ?? 'n1-standard-1';
  const tried = input.classesSoFar.filter((seen) => seen === 'launcher-capacity').length;
  const choice = launchers.filter((launcher) => launcher !== current)[tried - 1];
  if (choice === undefined) return { kind: 'give-up', reason: 'every launcher machine type was tried' };
  const candidate = { ...input.candidate, launcherMachineType: choice };
  return retry(
    candidate,
    `launcher machine type ${choice}`,
    'the launcher VM found no machine; its type is apart from the workers',
    capacityWaitMs,
  );
}

function smaller(input: LadderInput): Rung {
  const workerCount = Math.floor(input.candidate.workerCount / 2);
  if (workerCount < 1) return { kind: 'give-up', reason: 'the quota does not even allow one worker' };
  return retry(
    { ...input.candidate, workerCount },
    `${workerCount} workers`,
    'half the workers need half the quota',
    quotaWaitMs,
  );
}

function bigger(input: LadderInput): Rung {
  const current = findMachineType(input.candidate.machineType);
  if (!current.ok) return { kind: 'give-up', reason: current.message };
  const { family, memoryGib, vcpus, name } = current.machineType;
  const choice = machineTypes
    .filter((type) => type.family === family && !type.sharedCore && available(type.regions, input.region))
    .filter((type) => type.memoryGib > memoryGib && type.vcpus >= vcpus)
    .sort((left, right) => left.vcpus - right.vcpus || left.memoryGib - right.memoryGib)[0];
  return choice === undefined
    ? { kind: 'give-up', reason: `${name} is the biggest machine of family ${family}` }
    : retry(withMachine(input.candidate, choice.name), `machine type ${choice.name}`, 'more memory per worker', 0);
}

function withMachine(candidate: Candidate, machineType: string): Candidate {
  const { virtualCpus: _vcpus, label: _label, ...rest } = candidate;
  return { ...rest, machineType };
}

function available(regions: readonly string[] | undefined, region: string): boolean {
  return regions === undefined || regions.length === 0 || regions.includes(region);
}
