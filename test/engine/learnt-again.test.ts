// What a run taught is found again by the next plan of the same work, and by no other's.

import { expect, test } from 'vitest';
import { cohortsOf } from '../../shared/engine/cohorts-of.ts';
import { learn } from '../../shared/engine/learn.ts';
import { effectiveLoadConfig } from '../../shared/plan/effective-load.ts';
import { planChain } from '../../shared/plan/plan-chain.ts';
import { planLoad } from '../../shared/plan/plan-load.ts';
import { recommend } from '../../shared/recommend/recommend.ts';
import { type EffectiveLoad, loadConfigSchema } from '../../shared/schema/load-config.ts';
import { question } from '../recommend/support.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';
import { scriptedEngine } from '../support/scripted-engine.ts';

const advice = recommend(question());
if (!advice.ok) throw new Error('no recommendation');
const estimate = advice.recommendation.recommended;

const plain = {
  source: 'shop',
  target: 'warehouse',
  table: 'public.orders',
  partitionColumn: 'id',
  partitionColumnType: 'long',
  environment: { tempLocation: 'gs://demo-temp/loads' },
};
const spec = 'gs://templates/own/orders-loader.json';
const config = loadConfigSchema.parse({
  sources: { shop: { type: 'postgres', host: '10.0.0.1', database: 'shop' } },
  targets: {
    lake: { type: 'gcs', path: 'gs://demo-lake/stage' },
    warehouse: { type: 'bigquery', project: 'demo', dataset: 'sales' },
  },
  loads: {
    plain,
    named: { ...plain, template: { name: 'PostgreSQL_to_BigQuery' } },
    own: { ...plain, template: { containerSpecGcsPath: spec } },
    staged: { ...plain, via: 'lake' },
  },
  policy: { profileAtExecute: false },
});

const loadNamed = (name: string): EffectiveLoad => {
  const effective = effectiveLoadConfig(config, name, undefined);
  if (!effective.ok) throw new Error(JSON.stringify(effective.violations));
  return effective.load;
};
const target = {
  executionId: 'exe-1',
  runId: 'run-1',
  attempt: 1,
  projectId: 'demo',
  region: 'us-central1',
  environment: 'DATAFLOW',
  environmentReason: 'a test',
} as const;

/** A clean run of the load as the engine would have planned and recorded it. */
function runOf(load: EffectiveLoad, runId: string) {
  const planned = planLoad({ load, candidate: estimate.candidate, policy: config.policy, target });
  if (!planned.ok) throw new Error(JSON.stringify(planned.violations));
  return anExecution({
    runId,
    load: load.name,
    status: 'SUCCEEDED',
    endedAt: someTime,
    templateName: planned.plan.templateName,
    sourceName: planned.plan.sourceName,
    attempts: [anAttempt({ candidate: estimate.candidate, jobId: 'job' })],
    estimate,
    durations: { queuedSec: 1, dataflowQueuedSec: 150, startupSec: 90, runningSec: 500, totalSec: 741 },
  });
}
const learntFor = async (stand: ReturnType<typeof scriptedEngine>, load: EffectiveLoad): Promise<string[]> =>
  (await cohortsOf(stand.deps, load, {})).flatMap(({ records }) => records.map(({ executionId }) => executionId));

test.each(['plain', 'named', 'own'])('a load %s finds what its own runs taught', async (name) => {
  const stand = scriptedEngine();
  const load = loadNamed(name);
  const run = runOf(load, `run of ${name}`);
  await learn(stand.deps, run);
  expect(await learntFor(stand, load)).toEqual([run.executionId]);
});

test('the legs of a three-stage load learn apart: one reads the database, the other files', async () => {
  const stand = scriptedEngine();
  const chained = planChain(loadNamed('staged'), 'exe-parent');
  if (!chained.ok) throw new Error(JSON.stringify(chained.violations));
  const [first, second] = [chained.chain.first, chained.chain.second({ rowsWritten: 10 })];
  const runs = [runOf(first, 'first'), runOf(second, 'second')];
  for (const run of runs) await learn(stand.deps, run);
  expect(await learntFor(stand, first)).toEqual([runs[0]?.executionId]);
  expect(await learntFor(stand, second)).toEqual([runs[1]?.executionId]);
});
