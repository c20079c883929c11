// Other machines after a stockout, for the workers or for the launcher: what has not been tried comes first. Pure.

import { findMachineType, type MachineType, machineTypes } from '../plan/machine-types.ts';
import type { Candidate } from '../schema/candidate.ts';
import { capacityWaitMs, type GiveUp, giveUp, type LadderInput, type Retry, retry } from './rung.ts';

/** General-purpose families Dataflow documents as eligible, newest last: a stockout of one rarely hits the others. */
const familyOrder = ['n2', 'n2d', 'n1', 'e2', 'c3', 't2d'] as const;

const launchers = ['n1-standard-1', 'n2-standard-2', 'e2-standard-2', 'n2d-standard-2'] as const;

/** Workers of another family with as many vCPUs and about as much memory; once all had their turn, from the beginning. */
export function otherFamily(input: LadderInput): Retry | GiveUp {
  const current = findMachineType(input.candidate.machineType);
  if (!current.ok) return giveUp(current.message);
  const { family, vcpus, memoryGib } = current.machineType;
  const options = familyOrder
    .filter(
      (other) => other !== family && (input.allowedFamilies === undefined || input.allowedFamilies.includes(other)),
    )
    .flatMap(
      (other) =>
        machinesOf(other, input.region)
          .filter((type) => type.vcpus === vcpus && type.memoryGib >= 0.9 * memoryGib)
          .sort((left, right) => left.memoryGib - right.memoryGib)[0] ?? [],
    );
  const stockouts = input.past.filter((past) => past.class === 'capacity');
  const isFresh = (type: MachineType) =>
    !stockouts.some(({ machineType }) => machineType.trim().toLowerCase().startsWith(`${type.family}-`));
  const choice = options.find(isFresh) ?? options[(stockouts.length - 1) % Math.max(1, options.length)];
  return choice === undefined
    ? giveUp(`no other machine family offers ${vcpus} vCPUs in ${input.region}`)
    : retry(
        withMachine(input.candidate, choice.name),
        `machine type ${choice.name}`,
        'another machine family draws on other machines',
        capacityWaitMs,
      );
}

/** A launcher of a type that was not tried yet. */
export function otherLauncher({ past, candidate }: LadderInput): Retry | GiveUp {
  const tried = past
    .filter((attempt) => attempt.class === 'launcher-capacity')
    .map(({ launcherMachineType }) => launcherMachineType ?? launchers[0]);
  const choice = launchers.find((launcher) => !tried.includes(launcher));
  if (choice === undefined) return giveUp('every launcher machine type was tried');
  return retry(
    { ...candidate, launcherMachineType: choice },
    `launcher machine type ${choice}`,
    'the launcher VM found no machine; its type is apart from the workers',
    capacityWaitMs,
  );
}

/** The machine types of a family that run whole cores in this region. */
export function machinesOf(family: string, region: string): MachineType[] {
  return machineTypes.filter(
    (type) =>
      type.family === family &&
      !type.sharedCore &&
      (type.regions === undefined || type.regions.length === 0 || type.regions.includes(region)),
  );
}

/** The candidate on other machines; what was said of the old ones is left out. */
export function withMachine(candidate: Candidate, machineType: string): Candidate {
  const { virtualCpus: _vcpus, label: _label, ...rest } = candidate;
  return { ...rest, machineType };
}
