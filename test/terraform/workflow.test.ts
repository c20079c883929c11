// The forge's workflow is .ci/run with its tools around it: pinned, with no right but to read.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(resolve(root, '.github/workflows/ci.yml'), 'utf8');
type Step = { uses?: string; run?: string; with?: Record<string, unknown> };
const workflow = parse(text) as {
  permissions: unknown;
  jobs: Record<string, { steps: Step[]; permissions?: unknown }>;
};
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

test('it runs .ci/run and nothing else of its own', () => {
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['bash .ci/run']);
});

test('every action is pinned by its commit, with the version beside it', () => {
  const actions = steps.flatMap(({ uses }) => uses ?? []);
  expect(actions.map((action) => action.split('@')[0]?.split('/')[1]).sort()).toEqual([
    'checkout',
    'setup-gcloud',
    'setup-java',
    'setup-node',
    'setup-terraform',
  ]);
  for (const action of actions) {
    expect(action).toMatch(/@[0-9a-f]{40}$/);
    expect(text).toMatch(new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+`));
  }
});

test('it may only read, and leaves no credentials in the checkout', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(steps.find(({ uses }) => uses?.includes('checkout'))?.with).toEqual({ 'persist-credentials': false });
});

test('it brings the Node of the project and every emulator the suites start', () => {
  const { devDependencies } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(steps.find(({ uses }) => uses?.includes('setup-node'))?.with?.['node-version']).toBe(devDependencies.node);
  expect(steps.find(({ uses }) => uses?.includes('setup-gcloud'))?.with?.install_components).toBe(
    'beta,cloud-firestore-emulator,pubsub-emulator',
  );
});
