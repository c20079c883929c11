// Compares the shard planner with the original's own answers: 28 worked cases and a grid of 400, every difference with its reason.

import { describe, expect, test } from 'vitest';
import { planShards, type ShardCaps } from '../../shared/plan/plan-shards.ts';
import examples from '../fixtures/planner-examples.json' with { type: 'json' };

type Case = {
  readonly id: string;
  readonly config: string;
  readonly machineType: string;
  readonly workers: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly pool: number | null;
  readonly original: number;
};

const cases: Case[] = [
  ...examples.shardPlanner.map(({ id, config, in: input, out }) => ({
    id,
    config,
    machineType: input.machineType,
    workers: input.workerCount,
    rows: input.estimatedRowCount,
    rowBytes: input.averageRowSizeBytes,
    pool: input.databasePoolMaxSize,
    original: out,
  })),
  ...examples.shardPlannerGrid.map((row, index) => {
    const [config, machineType, workers, rows, rowBytes, pool, original] = row as [
      string,
      string,
      number,
      number,
      number,
      number | null,
      number,
    ];
    return {
      id: `G${String(index + 1).padStart(3, '0')}`,
      config,
      machineType,
      workers,
      rows,
      rowBytes,
      pool,
      original,
    };
  }),
];

type Compared = {
  readonly id: string;
  readonly ours: number | string;
  readonly original: number;
  readonly reason: string;
};

function compare(one: Case): Compared {
  const config = one.config === 'app' ? examples.configs.app : examples.configs.test;
  const result = planShards({
    machineType: one.machineType,
    workerCount: one.workers,
    profile: { rowCountEstimate: one.rows, averageRowBytes: one.rowBytes },
    connectionBudget: one.pool ?? undefined,
    policy: { maxShards: config.maxShardsCap, connectionHeadroomRatio: examples.configs.test.poolHeadroomRatio },
    settings: { maxMbPerShard: config.maxMbPerShard },
  });
  const { id, original } = one;
  if (!result.ok)
    return { id, original, ours: 'refused', reason: 'unknown machine type: the original falls back to a fixed number' };
  const { shards, caps } = result.plan;
  const reason = shards === original ? '' : violatedBy(original, caps, one);
  return { id, original, ours: shards, reason };
}

/** Which of the original's own caps its answer exceeds; empty when none does, which would be our fault. */
function violatedBy(original: number, caps: ShardCaps, one: Case): string {
  const reasons = [];
  if (one.machineType.startsWith('custom-'))
    reasons.push('it reads the memory of a custom type as its vCPUs (flaw 22)');
  if (original > caps.machine) reasons.push(`it exceeds the machine maximum ${caps.machine} (flaw 13)`);
  if (caps.connections !== null && original > caps.connections) {
    reasons.push(`it exceeds ${caps.connections} = ${one.pool} × 0.8 connections (flaw 13)`);
  }
  if (original > caps.policy) reasons.push(`it ignores its cap of ${caps.policy} shards once a pool is given`);
  return reasons.join('; ');
}

const compared = cases.map(compare);

describe('against the original planner', () => {
  test('sees all 428 cases', () => {
    expect(cases).toHaveLength(428);
    expect(examples.shardPlanner).toHaveLength(28);
  });

  test('agrees wherever the original keeps its own caps, and names the cap everywhere else', () => {
    const differences = compared.filter(({ ours, original }) => ours !== original);
    const byReason = Map.groupBy(differences, ({ reason }) => reason.replaceAll(/\d+/g, 'N'));
    const lines = [`agreement with the original: ${compared.length - differences.length} of ${compared.length}`];
    for (const [reason, list] of byReason) {
      lines.push(`  ${list.length} × ${reason}`);
      lines.push(`    ${list.map(({ id, ours, original }) => `${id} ${original}→${ours}`).join(', ')}`);
    }
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(differences.filter(({ reason }) => reason === '')).toEqual([]);
    expect(compared.length - differences.length).toBe(209);
  });

  test.each([
    ['SP02', 8],
    ['SP06', 32],
    ['SP11', 8],
    ['SP17', 256],
    ['SP19', 32],
    ['SP27', 16],
  ])('answers %s with %i as the original does', (id, shards) => {
    expect(compared.find((one) => one.id === id)?.ours).toBe(shards);
  });

  test.each([
    ['SP10', 12, 'pool 16 leaves 12 connections'],
    ['SP12', 9, 'pool 12 leaves 9 connections'],
    ['SP16', 12, 'three workers of four vCPUs carry 12 readers'],
    ['SP22', 66, 'three workers of 22 vCPUs carry 66 readers'],
    ['SP23', 8, 'custom-4-16384 has four vCPUs'],
  ])('corrects %s to %i: %s', (id, shards) => {
    expect(compared.find((one) => one.id === id)?.ours).toBe(shards);
  });
});
