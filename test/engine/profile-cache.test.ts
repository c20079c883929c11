// What the catalogue said counts, whether it could be kept for the next plan or not.

import { expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { profileForPlan } from '../../shared/engine/profile-for-plan.ts';
import { load, profile } from '../recommend/support.ts';
import { someTime } from '../support/execution.ts';
import { scriptedEngine } from '../support/scripted-engine.ts';

const policy = { profileAtExecute: true };
const asked = () => {
  const stand = scriptedEngine();
  let times = 0;
  const profiler = {
    async profile() {
      times += 1;
      return profile({ profiledAt: new Date(someTime).toISOString() });
    },
  };
  return { deps: { ...stand.deps, profiler }, clock: stand.clock, times: () => times };
};

test('a profile is asked for once an hour', async () => {
  const { deps, clock, times } = asked();
  expect(await profileForPlan(deps, load(), policy)).toMatchObject({ kind: 'profiled', fromCache: false });
  expect(await profileForPlan(deps, load(), policy)).toMatchObject({ kind: 'profiled', fromCache: true });
  clock.time += 3_600_001;
  await profileForPlan(deps, load(), policy);
  expect(times()).toBe(2);
});

test('a profile that cannot be kept is used all the same', async () => {
  const { deps } = asked();
  const { documents } = deps;
  const full = {
    read: documents.read,
    async write(): Promise<never> {
      throw new EngineError('UNAVAILABLE', 'the documents are down');
    },
  };
  expect(await profileForPlan({ ...deps, documents: full }, load(), policy)).toMatchObject({
    kind: 'profiled',
    profile: { tableName: 'orders' },
  });
});

test('a source that cannot be read leaves the load unprofiled, and says why', async () => {
  const { deps } = asked();
  const profiler = {
    async profile(): Promise<never> {
      throw new EngineError('UNAVAILABLE', 'db.example:5432 does not answer');
    },
  };
  expect(await profileForPlan({ ...deps, profiler }, load(), policy)).toMatchObject({
    kind: 'unprofiled',
    warning: expect.stringContaining('db.example:5432'),
  });
});

test('the profile of one database is not taken for that of another under the same name', async () => {
  const { deps, times } = asked();
  await profileForPlan(deps, load(), policy);
  const moved = load({ source: { type: 'postgres', host: 'db2.example', database: 'shop' } });
  expect(await profileForPlan(deps, moved, policy)).toMatchObject({ fromCache: false });
  expect(times()).toBe(2);
});
