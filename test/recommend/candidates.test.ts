// Which fleets are worth estimating.

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type CandidateInput, generateCandidates } from '../../shared/recommend/candidates.ts';
import { candidateSchema } from '../../shared/schema/candidate.ts';
import { workload } from './support.ts';

const generate = (fields: Partial<CandidateInput> = {}) =>
  generateCandidates({ workload: workload(), region: 'us-central1', guardrails: {}, flexRs: 'never', ...fields });
const families = (fields: Partial<CandidateInput>) => new Set(generate(fields).map(({ machine }) => machine.family));

describe('candidates', () => {
  it('are hundreds, of several families, sizes, workers and threads', () => {
    const found = generate();
    expect(found.length).toBeGreaterThan(500);
    expect(new Set(found.map(({ machine }) => machine.name)).size).toBeGreaterThan(20);
    expect(new Set(found.map(({ candidate }) => candidate.workerCount)).size).toBeGreaterThan(8);
  });

  it('are of the families the policy allows, a prefix being enough', () => {
    expect(families({ guardrails: { machineFamilies: ['e2', 'n2'] } })).toEqual(new Set(['e2', 'n2']));
    const shapes = generate({ guardrails: { machineFamilies: ['n2-standard'] } }).map(({ machine }) => machine.name);
    expect(shapes.length).toBeGreaterThan(0);
    expect(shapes.every((name) => name.startsWith('n2-standard-'))).toBe(true);
  });

  it('are of the very types the policy names, custom ones included', () => {
    const names = generate({ guardrails: { machineTypes: ['n2-custom-4-8192', 'm1-ultramem-40'] } }).map(
      ({ machine }) => machine.name,
    );
    expect(new Set(names)).toEqual(new Set(['n2-custom-4-8192', 'm1-ultramem-40']));
  });

  it('exist in the region; where nothing is known of a region, all do', () => {
    expect(families({ region: 'asia-northeast1', guardrails: { machineFamilies: ['c3d'] } }).size).toBe(0);
    expect(families({ region: 'africa-south1', guardrails: { machineFamilies: ['c3d'] } }).size).toBe(1);
  });

  it('have one worker with one reader for a query', () => {
    const found = generate({ workload: workload({ readMode: 'query' }) });
    expect(new Set(found.map(({ candidate }) => `${candidate.workerCount}/${candidate.shardCount}`))).toEqual(
      new Set(['1/1']),
    );
  });

  it('have memory for the rows their readers fetch: fewer threads, and highmem where standard has too little', () => {
    const threads = (rowBytes: number, name: string) =>
      Math.max(
        ...generate({ workload: workload({ rowBytes }) })
          .filter(({ machine, candidate }) => machine.name === name && candidate.workerCount === 1)
          .map(({ candidate }) => candidate.maxConcurrentShards ?? 0),
      );
    expect(threads(400, 'n2-standard-8')).toBe(8);
    expect(threads(40_000, 'n2-standard-8')).toBe(4);
    expect(threads(40_000, 'n2-highmem-8')).toBe(8);
    expect(generate().some(({ machine }) => machine.name.includes('highmem'))).toBe(false);
  });

  it('read a skewed key in more ranges, so that the fullest is smaller', () => {
    // Half of the rows in one range, however many there are.
    const fullestShare = (ranges: number) => Math.max(0.5, 1 / ranges);
    const shards = (fields: Parameters<typeof workload>[0]) =>
      generate({
        workload: workload(fields),
        guardrails: { machineTypes: ['n2-standard-4'], maxWorkers: 1, maxShards: 300 },
      }).map(({ candidate }) => candidate.shardCount);
    expect(shards({ sizeBytes: 2e9 })).toEqual([10, 16]);
    expect(shards({ sizeBytes: 2e9, fullestShare })).toEqual([40, 64]);
    expect(shards({ fullestShare })).toEqual([300, 300]);
  });

  it('stay within what a candidate may be, whatever the policy allows', () => {
    const guardrails = { maxWorkers: 5000, maxShards: 1_000_000, machineTypes: ['n2-standard-2'] };
    const files = workload({ readMode: 'files', maxReaders: Number.POSITIVE_INFINITY, sizeBytes: 1e15, rows: 1e13 });
    for (const { candidate } of generate({ guardrails, workload: files })) {
      expect(candidateSchema.safeParse(candidate).error).toBeUndefined();
    }
  });

  it('are there for rows so wide that no machine holds a whole fetch of them', () => {
    expect(generate({ workload: workload({ rowBytes: 50_000_000 }) }).length).toBeGreaterThan(0);
  });

  it('are FlexRS where that is all the load wants', () => {
    const found = generate({ flexRs: 'only' });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ candidate }) => candidate.flexRs === true)).toBe(true);
  });
});

describe('any candidate', () => {
  const input = fc.record({
    sizeBytes: fc.double({ min: 0, max: 1e13, noNaN: true }),
    rows: fc.integer({ min: 0, max: 1_000_000_000 }),
    rowBytes: fc.double({ min: 1, max: 5000, noNaN: true }),
    maxReaders: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(Number.POSITIVE_INFINITY)),
    readMode: fc.constantFrom('split' as const, 'query' as const, 'files' as const),
    maxWorkers: fc.integer({ min: 1, max: 100 }),
    maxVcpus: fc.integer({ min: 2, max: 400 }),
    maxShards: fc.integer({ min: 1, max: 1000 }),
  });

  test.prop([input], { numRuns: 50 })(
    'keeps within workers, vCPUs, ranges and connections, wastes no worker, and is there once',
    ({ maxWorkers, maxVcpus, maxShards, ...rest }) => {
      const guardrails = { maxWorkers, maxVcpus, maxShards };
      const found = generate({ workload: workload(rest), guardrails });
      for (const { candidate, machine } of found) {
        const readers = candidate.maxConcurrentShards ?? 0;
        expect(candidateSchema.safeParse(candidate).success).toBe(true);
        expect(candidate.workerCount).toBeLessThanOrEqual(maxWorkers);
        expect(candidate.workerCount * machine.vcpus).toBeLessThanOrEqual(maxVcpus);
        expect(candidate.shardCount).toBeLessThanOrEqual(maxShards);
        expect(readers).toBeLessThanOrEqual(Math.min(candidate.shardCount, rest.maxReaders));
        expect(readers).toBeGreaterThanOrEqual(candidate.workerCount);
      }
      expect(new Set(found.map(({ candidate }) => candidate.label)).size).toBe(found.length);
    },
  );
});
