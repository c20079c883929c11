// What to try after a failure: one rung per failure class. Pure; bounds (attempts, deadline, budget) are the caller's.

import { findMachineType } from '../plan/machine-types.ts';
import { machinesOf, otherFamily, otherLauncher, withMachine } from './other-machines.ts';
import {
  capacityWaitMs,
  type GiveUp,
  giveUp,
  type LadderInput,
  type Past,
  quotaWaitMs,
  type Retry,
  type Rung,
  retry,
} from './rung.ts';

const maxDiskGb = 65_536;

/** The next rung for the last failure, or why there is none. A zone that was let go of once is never pinned again. */
export function nextRung(input: LadderInput): Rung {
  const last = input.past.at(-1);
  if (last === undefined) return giveUp('nothing has failed');
  const rung = rungOf(input, last);
  if (rung.kind === 'give-up') return rung;
  return { ...rung, anyZone: rung.action === anyZone || input.past.some((past) => past.anyZone) };
}

const anyZone = 'any zone';

function rungOf(input: LadderInput, last: Past): Retry | GiveUp {
  const { candidate } = input;
  const before = input.past.filter((past) => past.class === last.class).length - 1;
  switch (last.class) {
    case 'capacity':
      return last.anyZone
        ? otherFamily(input)
        : retry(candidate, anyZone, 'the pinned zone had no machines', capacityWaitMs);
    case 'launcher-capacity':
      return otherLauncher(input);
    case 'quota':
      return last.code === 'WORKER_POOL_QUOTA_OR_POLICY' ? sameLater(input, last) : smaller(input);
    case 'concurrency':
      return retry(candidate, 'wait', "the project's concurrent jobs were used up", quotaWaitMs);
    case 'launch':
    case 'service':
      return before === 0
        ? retry(candidate, 'once more', `${last.class} failures are mostly transient`, capacityWaitMs)
        : giveUp(`the same ${last.class} failure twice is no accident`);
    case 'size':
      if (before === 0) return retry(candidate, 'once more', 'a worker was lost, perhaps by accident', capacityWaitMs);
      return last.code === 'NO_SPACE' ? biggerDisk(input) : biggerMachine(input);
    case 'user':
    case 'network':
    case 'permission':
    case 'temp-location':
    case 'policy':
    case 'incomplete':
    case 'unknown':
      return giveUp(`a failure of class ${last.class} fails again however often it is tried`);
  }
}

/** The text leaves open which of the two it was: a quota may be free again by then, a policy needs a person. */
function sameLater({ past, candidate }: LadderInput, { code }: Past): Retry | GiveUp {
  return past.filter((attempt) => attempt.code === code).length === 1
    ? retry(candidate, 'wait', 'a quota that others used up may be free again by then', quotaWaitMs)
    : giveUp('a quota or an access policy keeps the workers from starting, twice by now: a person has to look');
}

function smaller({ candidate }: LadderInput): Retry | GiveUp {
  const workerCount = Math.floor(candidate.workerCount / 2);
  if (workerCount < 1) return giveUp('the quota does not even allow one worker');
  const action = `${workerCount} workers`;
  return retry({ ...candidate, workerCount }, action, 'half the workers need half the quota', quotaWaitMs);
}

function biggerMachine({ candidate, region }: LadderInput): Retry | GiveUp {
  const current = findMachineType(candidate.machineType);
  if (!current.ok) return giveUp(current.message);
  const { family, memoryGib, vcpus, name } = current.machineType;
  const choice = machinesOf(family, region)
    .filter((type) => type.memoryGib > memoryGib && type.vcpus >= vcpus)
    .sort((left, right) => left.vcpus - right.vcpus || left.memoryGib - right.memoryGib)[0];
  return choice === undefined
    ? giveUp(`${name} is the biggest machine of family ${family}`)
    : retry(withMachine(candidate, choice.name), `machine type ${choice.name}`, 'more memory per worker', 0);
}

/** Four times, not twice: attempts are few, and a disk costs little beside its worker. */
function biggerDisk({ candidate, diskSizeGb: current }: LadderInput): Retry | GiveUp {
  const diskSizeGb = Math.min(4 * current, maxDiskGb);
  if (diskSizeGb <= current) return giveUp(`a worker's disk cannot have more than ${maxDiskGb} GB`);
  return { ...retry(candidate, `disks of ${diskSizeGb} GB`, 'more disk per worker', 0), diskSizeGb };
}
