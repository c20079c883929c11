// What a recommender may see of the world: a profile with the catalogue's errors and, for half of the loads, a warm-up read.

import type { EffectiveLoad } from '../../shared/schema/load-config.ts';
import type { TableProfile } from '../../shared/schema/profile.ts';
import { createRandom } from './random.ts';
import { bytesAt, type Truth } from './world.ts';

/** The load's configuration: nothing in it tells a rate. */
export function loadOf(truth: Truth): EffectiveLoad {
  return {
    name: truth.name,
    sourceName: 'database',
    source: { type: truth.sourceType, host: 'db.example', database: 'shop' },
    targetName: 'warehouse',
    target: { type: 'bigquery', project: 'p', dataset: 'd' },
    table: 'public.data',
  };
}

/** Half of the loads are profiled with a warm-up read over four connections; statistics are off by a few per cent. */
export function profileAt(truth: Truth, run: number, seed: number): TableProfile {
  const random = createRandom(seed, `${truth.name}/profile-${run}`);
  const measuredOnce = createRandom(seed, `${truth.name}/warm-up`);
  const totalBytes = Math.round(bytesAt(truth, run) * random.factor(0.05));
  const warmUp = measuredOnce.chance(0.5);
  const perConnection = (truth.perConnection / truth.wireRatio) * measuredOnce.factor(0.2);
  const together = Math.min(
    warmUpConnections * perConnection,
    (truth.sourceTotal / truth.wireRatio) * measuredOnce.factor(0.1),
  );
  return {
    sourceType: truth.sourceType,
    schemaName: 'public',
    tableName: 'data',
    rowCountEstimate: Math.round(totalBytes / truth.rowBytes),
    averageRowBytes: truth.rowBytes,
    totalBytes,
    columns: [{ name: 'id', type: 'bigint', nullable: false }],
    primaryKey: ['id'],
    indexedColumns: ['id'],
    freeConnections: truth.freeConnections,
    ...(warmUp
      ? {
          readThroughput: {
            warm: true,
            connections: warmUpConnections,
            bytesRead: 64_000_000,
            durationMs: 64_000 / together,
            mbPerSecPerConnection: perConnection,
            mbPerSecTotal: together,
          },
        }
      : {}),
    profiledAt: new Date(profiledFrom + run * 86_400_000).toISOString(),
  };
}

const warmUpConnections = 4;
const profiledFrom = Date.UTC(2026, 0, 1);
