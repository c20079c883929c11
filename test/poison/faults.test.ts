// A fault is no poison: it is answered so that the sender tries again, and then the request is carried out.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { executionIdOf } from '../../shared/base/ids.ts';
import { recommendationOf } from '../simulation/load-configs.ts';
import { perfectWire } from '../simulation/remote.ts';
import { push } from './arbitraries.ts';
import { type ServedEngine, servedEngine } from './served-engine.ts';

let served: ServedEngine;
beforeEach(() => {
  served = servedEngine();
  served.recommendations.port.write(recommendationOf('run-1', 'orders'));
});
afterEach(() => served.stop());

const codes = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'RESOURCE_EXHAUSTED', 'UNKNOWN'] as const;

/** The call `failing` fails with `code`, everything else works. */
function failOn(failing: string, code: (typeof codes)[number]): void {
  served.wire = async (name, apply) => {
    if (name === failing) throw new EngineError(code, `${name}: simulated`);
    return apply();
  };
}

describe.each(codes)('%s', (code) => {
  test.each(['recommendations.read', 'ledger.create', 'ledger.replace'])(
    'of %s has the event delivered again, which then runs',
    async (call) => {
      const url = await served.serve('onRecommendation');
      const deliver = () =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: push('{"runId":"run-1"}'),
        });
      failOn(call, code);
      const first = await deliver();
      expect(first.status).toBe(503);
      served.wire = perfectWire;
      for (
        let tick = 0;
        tick < 12 && served.ledger.peek(executionIdOf('run-1'))?.attempts[0]?.jobId === undefined;
        tick += 1
      ) {
        await deliver();
        await served.engine.advance(served.clock.time + 50_000);
        served.clock.time += 60_000;
      }
      expect((await deliver()).status).toBe(204);
      expect(served.dataflow.jobs).toHaveLength(1);
    },
  );

  test('of the launch leaves the message to be asked for again, and the record to the ticks', async () => {
    const url = await served.serve('onRecommendation');
    failOn('jobs.launch', code);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: push('{"runId":"run-1"}'),
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(served.ledger.peek(executionIdOf('run-1'))?.status).toBe('LAUNCHING');
  });

  test('over HTTP is 503 with Retry-After and a problem, without details of the fault', async () => {
    const api = await served.serve('execute');
    failOn('ledger.list', code);
    const answer = await fetch(`${api}/api/agent/executions`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await answer.text()).not.toContain('simulated');
  });
});
