// Reads custom machine type names and checks them against Compute Engine's rules of sizes.

export type CustomMachineType = { readonly family: string; readonly vcpus: number; readonly memoryGib: number };

type Rule = {
  readonly maxVcpus: number;
  readonly minGibPerVcpu: number;
  readonly maxGibPerVcpu: number;
  /** In all, where the family has such a limit. */
  readonly maxGib?: number;
  readonly vcpus: (count: number) => boolean;
  readonly vcpusInWords: string;
  readonly extended: boolean;
};

const even = (count: number): boolean => count % 2 === 0;
const evenRule = { vcpus: even, vcpusInWords: 'an even number', extended: true };

/** Compute Engine's custom type rules (recalled; machine-types data, section customTypes). n4, n4d and n4a are only known by pattern. */
const rules: Readonly<Record<string, Rule>> = {
  n1: {
    maxVcpus: 96,
    minGibPerVcpu: 0.9,
    maxGibPerVcpu: 6.5,
    vcpus: (count) => count === 1 || even(count),
    vcpusInWords: '1 or an even number',
    extended: true,
  },
  n2: {
    maxVcpus: 128,
    minGibPerVcpu: 0.5,
    maxGibPerVcpu: 8,
    vcpus: (count) => even(count) && (count <= 32 || count % 4 === 0),
    vcpusInWords: 'an even number, above 32 a multiple of 4',
    extended: true,
  },
  n2d: {
    maxVcpus: 96,
    minGibPerVcpu: 0.5,
    maxGibPerVcpu: 8,
    vcpus: (count) => [2, 4, 8].includes(count) || count % 16 === 0,
    vcpusInWords: '2, 4, 8 or a multiple of 16',
    extended: true,
  },
  e2: { maxVcpus: 32, minGibPerVcpu: 0.5, maxGibPerVcpu: 8, maxGib: 128, ...evenRule, extended: false },
  n4: { maxVcpus: 80, minGibPerVcpu: 0.5, maxGibPerVcpu: 8, ...evenRule },
  n4d: { maxVcpus: 96, minGibPerVcpu: 0.5, maxGibPerVcpu: 8, ...evenRule },
  n4a: {
    maxVcpus: 64,
    minGibPerVcpu: 0.5,
    maxGibPerVcpu: 8,
    vcpus: () => true,
    vcpusInWords: 'a positive number',
    extended: true,
  },
};

/** The sizes of `family-custom-VCPUS-MIB[-ext]` (no family: n1), or a sentence saying which rule the name breaks. */
export function parseCustomMachineType(name: string): CustomMachineType | string {
  const parts = /^(?:([a-z]\w*)-)?custom-(\d{1,3})-(\d{3,7})(-ext)?$/.exec(name);
  if (parts === null)
    return `machine type "${name}" is not a custom type: write family-custom-VCPUS-MEMORYMIB, e.g. n2-custom-4-8192`;
  const [, family = 'n1', vcpuText, mibText, extension] = parts;
  const rule = rules[family];
  if (rule === undefined)
    return `machine type "${name}": family ${family} has no custom types (${Object.keys(rules).join(', ')} have)`;
  const vcpus = Number(vcpuText);
  const memoryGib = Number(mibText) / 1024;
  const broken: string[] = [];
  if (vcpus < 1 || vcpus > rule.maxVcpus || !rule.vcpus(vcpus))
    broken.push(`vCPUs must be ${rule.vcpusInWords}, at most ${rule.maxVcpus}`);
  if (Number(mibText) % 256 !== 0) broken.push('memory must be a multiple of 256 MiB');
  if (extension !== undefined && !rule.extended) broken.push(`${family} has no extended memory`);
  if (memoryGib < rule.minGibPerVcpu * vcpus) broken.push(`memory must be at least ${rule.minGibPerVcpu} GiB per vCPU`);
  if (extension === undefined && memoryGib > rule.maxGibPerVcpu * vcpus) {
    broken.push(`memory must be at most ${rule.maxGibPerVcpu} GiB per vCPU${rule.extended ? ' (or end in -ext)' : ''}`);
  }
  if (rule.maxGib !== undefined && memoryGib > rule.maxGib) broken.push(`memory must be at most ${rule.maxGib} GiB`);
  return broken.length > 0 ? `machine type "${name}": ${broken.join('; ')}` : { family, vcpus, memoryGib };
}
