// Knows Compute Engine machine types: vCPUs, memory, architecture, regions, and whether Dataflow workers can be of them.

import { parseCustomMachineType } from './custom-machine-types.ts';
import data from './data/machine-types.json' with { type: 'json' };
import { nearestNames } from './nearest-names.ts';

export type MachineType = {
  readonly name: string;
  /** e.g. `n2`, `n2d`, `c3`. */
  readonly family: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly architecture: 'X86_64' | 'ARM_64';
  readonly sharedCore: boolean;
  readonly custom: boolean;
  /** What is known about the family on Dataflow, in words. */
  readonly dataflowStatus: string;
  /** Regions of `knownRegions` where the type exists; undefined for custom types. */
  readonly regions?: readonly string[];
};

export type MachineTypeResult =
  | { readonly ok: true; readonly machineType: MachineType }
  | { readonly ok: false; readonly message: string; readonly nearest: readonly string[] };

/** When the machine data was generated (ISO date); shared/plan/data/refresh-machine-types.ts renews it. */
export const machineTypesGenerated: string = data.generated;

/** The regions whose offer the data lists; of any other region nothing is known. */
export const knownRegions: readonly string[] = data.regions.split(' ');

type Family = {
  readonly architecture: string;
  readonly dataflow: { readonly status: string };
  readonly custom: boolean;
  readonly shapes: Readonly<Record<string, string>>;
  readonly named: Readonly<Record<string, string>>;
  readonly absentIn: Readonly<Record<string, string>>;
};
const familyRecords: Readonly<Record<string, Family>> = data.families;
const families = new Map(Object.entries(familyRecords));
const sharedCore = new Set(data.refused.sharedCore);
const catalogue = new Map<string, MachineType>([...families].flatMap(([name, family]) => typesOf(name, family)));

/** All predefined types of the data, by family in the data's order. */
export const machineTypes: readonly MachineType[] = [...catalogue.values()];

/**
 * The machine type of that name (upper case is understood), custom types included (`n2-custom-4-8192`, `custom-4-15360` is n1). Unknown
 * names, accelerators, bare metal and local-SSD variants are refused with the reason and the nearest names that exist.
 */
export function findMachineType(name: string): MachineTypeResult {
  const wanted = name.trim().toLowerCase();
  const known = catalogue.get(wanted);
  if (known !== undefined) return { ok: true, machineType: known };
  if (wanted.includes('custom-')) {
    const custom = parseCustomMachineType(wanted);
    if (typeof custom === 'string') return { ok: false, message: custom, nearest: [] };
    const family = families.get(custom.family);
    if (family?.custom !== true) {
      const message = `machine type "${name}": family ${custom.family} has no custom types`;
      return { ok: false, message, nearest: [] };
    }
    return {
      ok: true,
      machineType: { ...custom, ...sharedFacts(family), name: wanted, sharedCore: false, custom: true },
    };
  }
  return { ok: false, message: refusal(name, wanted), nearest: nearest(wanted) };
}

function refusal(name: string, wanted: string): string {
  const family = wanted.split('-')[0] ?? '';
  if (data.refused.acceleratorFamilies.includes(family)) {
    return `machine type "${name}": accelerator types are not planned for; attach accelerators by additionalExperiments worker_accelerator`;
  }
  if (wanted.endsWith('-metal') || data.refused.specialFamilies.includes(family)) {
    return `machine type "${name}": bare metal and special-purpose types cannot be Dataflow workers`;
  }
  const base = wanted.replace(/-lssd$/, '');
  if (base !== wanted && catalogue.has(base)) {
    return `machine type "${name}": local SSD variants are not planned for; take ${base}`;
  }
  return `unknown machine type "${name}" (nearest known: ${nearest(wanted).join(', ')}); known as of ${data.generated}`;
}

function nearest(wanted: string): string[] {
  const family = wanted.split('-')[0] ?? '';
  const shape = wanted.replace(/-[^-]*$/, '');
  const ofShape = machineTypes.filter((type) => type.name.startsWith(`${shape}-`)).map((type) => type.name);
  const bySize = (one: string) => Math.abs(sizeOf(one) - sizeOf(wanted));
  if (ofShape.length > 0) return ofShape.sort((a, b) => bySize(a) - bySize(b)).slice(0, 3);
  const close = nearestNames(wanted, catalogue.keys());
  if (close.length > 0) return close;
  const ofFamily = machineTypes.filter((type) => type.family === family && type.name.includes('standard'));
  return ofFamily.length > 0 ? ofFamily.slice(0, 3).map((type) => type.name) : commonTypes;
}

/** What to offer when nothing resembles the name: four vCPUs of the families Dataflow's documentation names. */
const commonTypes = ['n2-standard-4', 'n2d-standard-4', 'e2-standard-4'];

const sizeOf = (name: string): number => Number(/(\d+)$/.exec(name)?.[1] ?? 0);

function typesOf(familyName: string, family: Family): [string, MachineType][] {
  const sized = Object.entries(family.shapes).flatMap(([shape, sizes]) =>
    sizes.split(' ').map((size): [string, string] => [`${shape}-${size.split(':')[0]}`, size]),
  );
  return [...sized, ...Object.entries(family.named)].map(([name, size]) => {
    const [vcpus = 0, memoryGib = 0] = size.split(':').map(Number);
    const absent = (region: string) => family.absentIn[region]?.split(' ').includes(name);
    const regions = knownRegions.filter((region) => absent(region) !== true);
    const facts = sharedFacts(family);
    return [
      name,
      {
        name,
        family: familyName,
        vcpus,
        memoryGib,
        ...facts,
        sharedCore: sharedCore.has(name),
        custom: false,
        regions,
      },
    ];
  });
}

function sharedFacts(family: Family): Pick<MachineType, 'architecture' | 'dataflowStatus'> {
  return {
    architecture: family.architecture === 'ARM_64' ? 'ARM_64' : 'X86_64',
    dataflowStatus: family.dataflow.status,
  };
}
