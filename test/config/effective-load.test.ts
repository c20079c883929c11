// The precedence of defaults, scenario, load and overrides.

import { describe, expect, test } from 'vitest';
import { effectiveLoadConfig } from '../../shared/plan/effective-load.ts';
import { effective, everything } from './support.ts';

describe('precedence', () => {
  const config = everything();

  test('the load lies over the scenario, the scenario over the defaults', () => {
    const load = effective(config, 'customers');
    expect(load).toMatchObject({
      name: 'customers',
      sourceName: 'crm',
      targetName: 'warehouse',
      scenario: 'night',
      truncate: true,
      fetchSize: 20_000,
    });
    expect(load.environment).toMatchObject({ maxRuntimeSec: 14_400, tempLocation: 'gs://acme-dataflow-temp/test' });
  });

  test('labels are laid key by key', () => {
    const load = effective(config, 'customers', { environment: { additionalUserLabels: { team: 'other', run: 'x' } } });
    expect(load.environment?.additionalUserLabels).toEqual({ team: 'other', stage: 'test', window: 'night', run: 'x' });
  });

  test('an override picks another scenario and wins over everything', () => {
    const load = effective(config, 'customers', { scenario: 'catch-up', truncate: false });
    expect(load).toMatchObject({ scenario: 'catch-up', truncate: false, fetchSize: 50_000 });
    expect(load.environment).toMatchObject({ diskSizeGb: 50 });
    expect(load.environment?.maxRuntimeSec).toBeUndefined();
  });

  test('an override moves the window of an incremental load, not its column', () => {
    const load = effective(config, 'orders-increment', {
      incremental: { from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' },
    });
    expect(load.incremental).toEqual({
      column: 'updated_at',
      from: '2026-02-01T00:00:00Z',
      to: '2026-03-01T00:00:00Z',
    });
  });

  test('a zone laid over a region replaces it', () => {
    const withRegion = { ...config, defaults: { environment: { workerRegion: 'europe-west4' } } };
    const load = effective(withRegion, 'employees', { environment: { workerZone: 'europe-west1-b' } });
    expect(load.environment).toEqual(expect.objectContaining({ workerZone: 'europe-west1-b' }));
    expect(load.environment?.workerRegion).toBeUndefined();
  });

  test('the configuration itself is never changed', () => {
    const before = JSON.stringify(config);
    effective(config, 'customers', { scenario: 'catch-up', environment: { additionalUserLabels: { a: 'b' } } });
    expect(JSON.stringify(config)).toBe(before);
  });
});

describe('unknown names', () => {
  const config = everything();

  test('of a load and a scenario are both reported, with the nearest ones', () => {
    expect(effectiveLoadConfig(config, 'custommers', { scenario: 'nihgt' })).toEqual({
      ok: false,
      violations: [
        { code: 'UNKNOWN_NAME', path: '/load', message: expect.stringContaining('did you mean "customers"') },
        {
          code: 'UNKNOWN_NAME',
          path: '/overrides/scenario',
          message: expect.stringContaining('did you mean "night"?'),
        },
      ],
    });
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is no load', (name) => {
    expect(effectiveLoadConfig(config, name).ok).toBe(false);
  });

  test('a window for a load that is not incremental is refused', () => {
    expect(effectiveLoadConfig(config, 'customers', { incremental: { from: '1' } })).toMatchObject({
      ok: false,
      violations: [{ code: 'NOT_INCREMENTAL', path: '/overrides/incremental' }],
    });
  });
});
