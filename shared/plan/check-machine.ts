// Checks that a candidate's machines exist, exist in the region, and can run the template.

import type { Violation } from '../base/errors.ts';
import type { Candidate } from '../schema/candidate.ts';
import { findMachineType, knownRegions, type MachineType, machineTypesGenerated } from './machine-types.ts';

export type MachineCheck = {
  readonly machine: MachineType | undefined;
  readonly violations: readonly Violation[];
  readonly warnings: readonly string[];
};

/**
 * Looks up the worker and launcher machine types. Google's own templates run on x86 with whole cores: Arm and shared-core workers are
 * refused for them (`ownTemplate` false) and only warned about for a user's template.
 */
export function checkMachine(
  candidate: Candidate,
  options: { readonly region: string; readonly launcherMachineType: string | undefined; readonly ownTemplate: boolean },
): MachineCheck {
  const violations: Violation[] = [];
  const warnings: string[] = [];
  const found = findMachineType(candidate.machineType);
  if (!found.ok) violations.push({ code: 'MACHINE_TYPE', path: '/candidate/machineType', message: found.message });
  const machine = found.ok ? found.machineType : undefined;
  if (machine !== undefined) {
    for (const unfit of [unfitArchitecture(machine), unfitCore(machine)]) {
      if (unfit === undefined) continue;
      if (options.ownTemplate) warnings.push(unfit);
      else violations.push({ code: 'MACHINE_TYPE', path: '/candidate/machineType', message: unfit });
    }
    violations.push(...absentIn(machine, options.region, '/candidate/machineType'));
    if (/unverified|not in the documented|probably/.test(machine.dataflowStatus)) {
      warnings.push(`Dataflow support of family ${machine.family}: ${machine.dataflowStatus}`);
    }
    if (candidate.virtualCpus !== undefined && candidate.virtualCpus !== machine.vcpus) {
      warnings.push(
        `the candidate says ${candidate.virtualCpus} vCPUs, ${machine.name} has ${machine.vcpus}: planned with ${machine.vcpus}`,
      );
    }
  }
  const launcher = options.launcherMachineType;
  const launcherFound = launcher === undefined ? undefined : findMachineType(launcher);
  if (launcherFound?.ok === false) {
    violations.push({
      code: 'MACHINE_TYPE',
      path: '/candidate/launcherMachineType',
      message: `launcher: ${launcherFound.message}`,
    });
  }
  if (launcherFound?.ok === true)
    violations.push(...absentIn(launcherFound.machineType, options.region, '/candidate/launcherMachineType'));
  return { machine, violations, warnings };
}

function unfitArchitecture(machine: MachineType): string | undefined {
  if (machine.architecture !== 'ARM_64') return undefined;
  return `${machine.name} is an Arm machine: the template's images are x86-64; take an x86 family such as n2 or n2d`;
}

function unfitCore(machine: MachineType): string | undefined {
  if (!machine.sharedCore) return undefined;
  return `${machine.name} has a shared core: Dataflow gives no service level for such workers; take a type with whole vCPUs`;
}

/** Known regions only: of others the data says nothing, and Dataflow will. */
function absentIn(machine: MachineType, region: string, path: string): Violation[] {
  if (!knownRegions.includes(region) || machine.regions === undefined || machine.regions.includes(region)) return [];
  const message = `${machine.name} is not offered in ${region} (as of ${machineTypesGenerated}); it is in ${machine.regions.join(', ') || 'none of the regions known here'}`;
  return [{ code: 'MACHINE_TYPE', path, message }];
}
