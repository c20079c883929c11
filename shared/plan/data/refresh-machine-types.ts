// Renews machine-types.json from Compute Engine's own list: gcloud compute machine-types list --format=json > types.json, then
// node shared/plan/data/refresh-machine-types.ts types.json (--check only says what would change). Run by hand, never deployed.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import current from './machine-types.json' with { type: 'json' };

/** What the list says of a type in one zone (compute.machineTypes.list). */
const listedSchema = z.array(
  z.object({
    name: z.string(),
    guestCpus: z.int(),
    memoryMb: z.number(),
    zone: z.string(),
    isSharedCpu: z.boolean().optional(),
    architecture: z.string().optional(),
  }),
);
type Listed = z.output<typeof listedSchema>[number];

type Family = {
  architecture: string;
  cpu: string;
  dataflow: { status: string; evidence: string };
  custom: boolean;
  shapes: Record<string, string>;
  named: Record<string, string>;
  absentIn: Record<string, string>;
};
type Data = Omit<typeof current, 'families'> & { families: Record<string, Family> };

/**
 * The data made from a machine type list: sizes, memory, regions and shared cores from the list; what is known about Dataflow support is
 * kept by family, and a new family begins as unverified. Accelerator, metal and local-SSD types are left out, as before.
 */
export function refreshed(listed: readonly Listed[], generated: string, previous: Data = current): Data {
  const regions = [...new Set(listed.map((type) => regionOf(type.zone)))].sort();
  const byName = new Map<string, Listed[]>();
  for (const type of listed) {
    if (isPlannedFor(type.name)) byName.set(type.name, [...(byName.get(type.name) ?? []), type]);
  }
  const families: Record<string, Family> = {};
  for (const [name, places] of [...byName].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))) {
    const [first] = places;
    if (first === undefined) continue;
    const familyName = name.split('-')[0] ?? name;
    families[familyName] ??= emptyFamily(previous.families[familyName], first);
    addType(families[familyName], name, first, absentRegions(places, regions));
  }
  const sharedCore = [...new Set(listed.filter((type) => type.isSharedCpu === true).map((type) => type.name))].sort();
  return {
    ...previous,
    generated,
    source: 'gcloud compute machine-types list (Compute Engine machineTypes API)',
    regions: regions.join(' '),
    families,
    refused: { ...previous.refused, sharedCore },
  };
}

function isPlannedFor(name: string): boolean {
  const family = name.split('-')[0] ?? '';
  const { acceleratorFamilies, specialFamilies } = current.refused;
  return !/-metal$|-lssd$/.test(name) && ![...acceleratorFamilies, ...specialFamilies, 'f1', 'g1'].includes(family);
}

function emptyFamily(known: Family | undefined, first: Listed): Family {
  const unverified = { status: 'unverified', evidence: 'new in the machine type list' };
  return {
    architecture: first.architecture === 'ARM64' || known?.architecture === 'ARM_64' ? 'ARM_64' : 'X86_64',
    cpu: known?.cpu ?? 'not described yet',
    dataflow: known?.dataflow ?? unverified,
    custom: known?.custom ?? false,
    shapes: {},
    named: {},
    absentIn: {},
  };
}

function addType(family: Family, name: string, type: Listed, absent: readonly string[]): void {
  const size = `${type.guestCpus}:${Number((type.memoryMb / 1024).toFixed(3))}`;
  const shape = name.replace(/-\d+$/, '');
  if (name === `${shape}-${type.guestCpus}`)
    family.shapes[shape] = [family.shapes[shape], size].filter(Boolean).join(' ');
  else family.named[name] = size;
  for (const region of absent) family.absentIn[region] = [family.absentIn[region], name].filter(Boolean).join(' ');
}

function absentRegions(places: readonly Listed[], regions: readonly string[]): string[] {
  const present = new Set(places.map((place) => regionOf(place.zone)));
  return regions.filter((region) => !present.has(region));
}

/** `https://…/zones/us-central1-a` or `us-central1-a` → `us-central1`. */
const regionOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replace(/-[a-z]$/, '');

if (import.meta.main) {
  const [file = '', flag] = process.argv.slice(2);
  if (file === '' || file.startsWith('-')) {
    process.stderr.write(
      'usage: node shared/plan/data/refresh-machine-types.ts <machine-types list as JSON> [--check]\n',
    );
    process.exit(2);
  }
  const listed = listedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const data = refreshed(listed, new Date().toISOString().slice(0, 10));
  const count = Object.values(data.families).flatMap((family) =>
    Object.values(family.shapes).join(' ').split(' '),
  ).length;
  process.stdout.write(`${Object.keys(data.families).length} families, ${count} types, regions: ${data.regions}\n`);
  if (flag !== '--check') {
    writeFileSync(
      fileURLToPath(new URL('./machine-types.json', import.meta.url)),
      `${JSON.stringify(data, null, 2)}\n`,
    );
  }
}
