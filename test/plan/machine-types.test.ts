// The machine data and what is made of a machine type's name.

import { describe, expect, test } from 'vitest';
import { refreshed } from '../../shared/plan/data/refresh-machine-types.ts';
import { findMachineType, machineTypes, machineTypesGenerated } from '../../shared/plan/machine-types.ts';

describe('predefined types', () => {
  test.each([
    ['n2-standard-4', 'n2', 4, 16],
    ['N2-HIGHCPU-8', 'n2', 8, 8],
    ['n1-highcpu-2', 'n1', 2, 1.8],
    ['c3-standard-22', 'c3', 22, 88],
    ['e2-medium', 'e2', 2, 4],
  ])('%s is of family %s with %i vCPUs and %d GiB', (name, family, vcpus, memoryGib) => {
    expect(findMachineType(name)).toMatchObject({ ok: true, machineType: { family, vcpus, memoryGib } });
  });

  test('all 400 carry sizes, a family, regions and a date', () => {
    expect(machineTypes).toHaveLength(400);
    expect(
      machineTypes.filter(({ vcpus, memoryGib, regions }) => vcpus < 1 || memoryGib <= 0 || regions === undefined),
    ).toEqual([]);
    expect(machineTypesGenerated).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('Arm and shared cores are told apart', () => {
    expect(machineTypes.filter((type) => type.sharedCore).map((type) => type.name)).toEqual([
      'e2-medium',
      'e2-micro',
      'e2-small',
    ]);
    expect(new Set(machineTypes.filter((type) => type.architecture === 'ARM_64').map((type) => type.family))).toEqual(
      new Set(['c4a', 'n4a', 't2a']),
    );
  });

  test('regions are those where the type exists', () => {
    expect(findMachineType('t2a-standard-4')).toMatchObject({
      machineType: { regions: ['us-central1', 'europe-west4', 'asia-southeast1'] },
    });
  });
});

describe('custom types', () => {
  test.each([
    ['custom-4-16384', 'n1', 4, 16],
    ['n2-custom-4-8192', 'n2', 4, 8],
    ['n2d-custom-16-65536', 'n2d', 16, 64],
    ['e2-custom-4-8192', 'e2', 4, 8],
    ['n2-custom-2-32768-ext', 'n2', 2, 32],
  ])('%s is read as %s, %i vCPUs, %d GiB', (name, family, vcpus, memoryGib) => {
    expect(findMachineType(name)).toMatchObject({ ok: true, machineType: { family, vcpus, memoryGib, custom: true } });
  });

  test.each([
    ['n2-custom-3-8192', 'even number'],
    ['n2-custom-4-8000', 'multiple of 256 MiB'],
    ['n2-custom-2-32768', 'at most 8 GiB per vCPU'],
    ['e2-custom-4-8192-ext', 'no extended memory'],
    ['n2-custom-34-34816', 'multiple of 4'],
    ['n2d-custom-6-8192', 'multiple of 16'],
    ['e2-custom-32-135168', 'at most 128 GiB'],
    ['c3-custom-4-8192', 'has no custom types'],
    ['n2-custom-x-8192', 'not a custom type'],
  ])('%s is refused: %s', (name, reason) => {
    expect(findMachineType(name)).toMatchObject({ ok: false, message: expect.stringContaining(reason) });
  });
});

describe('unknown names', () => {
  test.each([
    ['n2-standrd-4', 'n2-standard-4'],
    ['n2-standard-5', 'n2-standard-4'],
    ['c3-standard-16', 'c3-standard-22'],
    ['whatever', 'n2-standard-4'],
    ['', 'n2-standard-4'],
  ])('%j is refused and %s offered', (name, nearest) => {
    expect(findMachineType(name)).toMatchObject({ ok: false, nearest: expect.arrayContaining([nearest]) });
  });

  test.each([
    ['a2-highgpu-1g', 'accelerator'],
    ['c3-standard-192-metal', 'bare metal'],
    ['z3-highmem-88', 'bare metal and special-purpose'],
    ['c3-standard-8-lssd', 'take c3-standard-8'],
  ])('%s is refused: %s', (name, reason) => {
    expect(findMachineType(name)).toMatchObject({ ok: false, message: expect.stringContaining(reason) });
  });
});

describe('renewing the data', () => {
  const listed = [
    { name: 'n2-standard-4', guestCpus: 4, memoryMb: 16384, zone: 'us-central1-a' },
    { name: 'n2-standard-4', guestCpus: 4, memoryMb: 16384, zone: 'projects/p/zones/europe-west1-b' },
    { name: 'n2-standard-2', guestCpus: 2, memoryMb: 8192, zone: 'us-central1-a' },
    { name: 'e2-medium', guestCpus: 2, memoryMb: 4096, zone: 'us-central1-a', isSharedCpu: true },
    { name: 'n9-standard-2', guestCpus: 2, memoryMb: 8192, zone: 'us-central1-a', architecture: 'ARM64' },
    { name: 'a2-highgpu-1g', guestCpus: 12, memoryMb: 87040, zone: 'us-central1-a' },
    { name: 'c3-standard-192-metal', guestCpus: 192, memoryMb: 786432, zone: 'us-central1-a' },
  ];

  test('takes sizes and regions from the list and keeps what is known of families', () => {
    const data = refreshed(listed, '2027-01-01');
    expect(data.generated).toBe('2027-01-01');
    expect(data.regions).toBe('europe-west1 us-central1');
    expect(Object.keys(data.families).sort()).toEqual(['e2', 'n2', 'n9']);
    expect(data.families.n2).toMatchObject({
      dataflow: { status: 'supported' },
      custom: true,
      shapes: { 'n2-standard': '2:8 4:16' },
      absentIn: { 'europe-west1': 'n2-standard-2' },
    });
    expect(data.families.n9).toMatchObject({ architecture: 'ARM_64', dataflow: { status: 'unverified' } });
    expect(data.families.e2?.named).toEqual({ 'e2-medium': '2:4' });
  });
});
