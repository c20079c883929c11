// What the attempts so far have taught: told to the ladder, and kept in the plan of the next one. Pure.

import type { Attempt } from '../schema/execution.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { Past, Rung } from './rung.ts';

/** What the ladder has to know of an attempt that failed; of any other, nothing. */
export function pastOf({ failure, candidate, request }: Attempt): Past[] {
  if (failure === undefined) return [];
  const { workerZone, launcherMachineType } = request.launchParameter.environment;
  return [
    {
      class: failure.class,
      code: failure.code,
      machineType: candidate.machineType,
      anyZone: workerZone === undefined,
      ...(launcherMachineType === undefined ? {} : { launcherMachineType }),
    },
  ];
}

/** What was asked for, else what Dataflow gives a batch worker: much less where a service does the shuffle, as it does unless told not to. */
export function diskOf({ request }: Attempt): number {
  const { diskSizeGb, additionalExperiments = [] } = request.launchParameter.environment;
  return diskSizeGb ?? (additionalExperiments.includes('shuffle_mode=appliance') ? 250 : 25);
}

/** The load as the next attempt runs it: without its zone where the ladder let go of that, with the biggest disk asked for so far. */
export function laidOver(load: EffectiveLoad, attempt: Attempt, rung: Extract<Rung, { kind: 'retry' }>): EffectiveLoad {
  const { workerZone, ...environment } = load.environment ?? {};
  const disks = [environment.diskSizeGb, attempt.request.launchParameter.environment.diskSizeGb, rung.diskSizeGb];
  const asked = disks.filter((disk) => disk !== undefined);
  return {
    ...load,
    environment: {
      ...environment,
      ...(rung.anyZone || workerZone === undefined ? {} : { workerZone }),
      ...(asked.length === 0 ? {} : { diskSizeGb: Math.max(...asked) }),
    },
  };
}
