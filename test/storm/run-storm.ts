// A storm from beginning to end: publish, kill, tick; then calm, wait until everything came to rest, and judge.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '../../shared/schema/execution.ts';
import { allExecutions, reservationsLeft, slowestWrite } from './evidence.ts';
import { outcomeReader } from './outcomes.ts';
import { publishAll } from './publisher.ts';
import type { Stage } from './stage.ts';
import { outcomesTopic, projectId } from './storm-settings.ts';
import { makeTrouble, post, type Trouble } from './trouble.ts';
import { judge, type Verdict } from './verdict.ts';

export type StormResult = Verdict & {
  /** Messages, those published again because the emulator forgot them included. */
  readonly published: number;
  readonly forgotten: number;
  /** Pushes that reached an instance, plus calls over HTTP. */
  readonly deliveries: number;
  readonly kills: Trouble['kills'];
  readonly deadLetters: number;
  readonly relaunches: number;
  readonly adopted: number;
  readonly httpCalls: number;
  readonly slowestWriteMs: number | undefined;
  readonly stormSec: number;
  readonly calmSec: number;
};

/** Open messages at most, in units of what may be in flight: refused ones wait for their back-off too. */
const windowFactor = 4;
/** How long the end may take: several leases, back-offs and look-ups in a row. */
const calmLimitMs = 180_000;
/** After this long without an outcome nothing more is published, and what did not end is judged as stuck. */
const stallLimitMs = 240_000;
/** One in so many runs is asked for over HTTP too, twice at once under one key. */
const httpEvery = 20;

/** Runs one on a stage that is set. Throws the signal's reason when it fires. */
export async function runStorm(
  stage: Stage,
  options: {
    readonly recommendations: number;
    readonly deliveries: number;
    readonly inFlight: number;
    readonly kills: boolean;
    readonly random: () => number;
    readonly signal: AbortSignal;
    progress(line: string): void;
  },
): Promise<StormResult> {
  const { pubsub, front, instances, ledger, messages } = stage;
  const begun = performance.now();
  const reader = outcomeReader(pubsub, outcomesTopic);
  const trouble = makeTrouble({
    instances,
    tickers: 2,
    random: options.random,
    kills: options.kills,
    outcomes: () => reader.told.size,
  });
  const dead = { count: 0 };
  const counts = { published: 0, forgotten: 0 };
  let httpCalls = 0;
  const calls: Promise<unknown>[] = [];
  const reading = new AbortController();
  const stalled = new AbortController();
  const readers = readOn();

  async function readOn(): Promise<void> {
    let toldAt = performance.now();
    for (let round = 0; !reading.signal.aborted; round += 1) {
      const told = reader.told.size;
      await reader.pull();
      if (reader.told.size > told) toldAt = performance.now();
      if (performance.now() - toldAt > stallLimitMs) stalled.abort();
      const letters = await pubsub.pull('dead-letters', 500);
      dead.count += letters.length;
      await pubsub.acknowledge(
        'dead-letters',
        letters.map(({ ackId }) => ackId),
      );
      if (round % 5 === 0) {
        const { deliveries, cut, refused } = front.counts;
        options.progress(
          `${seconds(begun)} s: ${counts.published} published, ${deliveries} delivered (${refused} refused, ${cut} cut), ${messages.count()} open, ` +
            `${instances.living().length} alive, ${trouble.kills.SIGKILL + trouble.kills.SIGTERM} kills, ${trouble.ticks.done} ticks, ${reader.told.size} outcomes`,
        );
      }
      await sleep(1_000, undefined, { signal: reading.signal }).catch(() => undefined);
    }
  }

  const callOverHttp = async (runId: string): Promise<void> => {
    const instance = instances.next('execute');
    if (instance === undefined) return;
    const headers = { 'content-type': 'application/json', 'idempotency-key': `storm-${runId}` };
    const url = `${instance.url}api/agent/execute`;
    httpCalls += 2;
    await Promise.all([1, 2].map(() => post(url, JSON.stringify({ runId }), headers)));
  };

  try {
    await publishAll({
      ...options,
      signal: AbortSignal.any([options.signal, stalled.signal]),
      pubsub,
      recommendations: stage.recommendations,
      topics: stage.topics,
      count: options.recommendations,
      window: windowFactor * options.inFlight,
      messages,
      counts,
      onWritten: (runId) => {
        if (Number(runId.split('-').at(-1)) % httpEvery === 0) calls.push(callOverHttp(runId));
      },
    });
    await Promise.all(calls);
    options.signal.throwIfAborted();
    await trouble.calm();
    const stormSec = seconds(begun);
    const atRest = async (): Promise<boolean> => {
      if (reader.told.size < options.recommendations) return false;
      const executions = await allExecutions(ledger);
      return executions.every(({ value }) => isTerminal(value.status) && value.nextCheckAt === null);
    };
    await until(atRest, calmLimitMs, options.signal);
    options.signal.throwIfAborted();
    await trouble.stop();
    reading.abort();
    await readers;
    await reader.pull();

    const executions = await allExecutions(ledger);
    const slowestWriteMs = await slowestWrite(ledger, executions);
    const attempts = executions.flatMap(({ value }) => value.attempts);
    return {
      ...judge({
        recommendations: options.recommendations,
        jobs: stage.dataflow.record(),
        executions: executions.map(({ value }) => value),
        outcomes: reader.told,
        reservations: await reservationsLeft(stage.documents, projectId),
        slowestWriteMs,
      }),
      ...counts,
      deliveries: front.counts.deliveries + httpCalls,
      kills: { ...trouble.kills },
      deadLetters: dead.count,
      relaunches: attempts.filter(({ launchIntents }) => launchIntents.length > 1).length,
      adopted: attempts.filter(({ adopted }) => adopted === true).length,
      httpCalls,
      slowestWriteMs,
      stormSec,
      calmSec: seconds(begun) - stormSec,
    };
  } finally {
    reading.abort();
    await trouble.stop();
    await readers;
  }
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);

/** Waits until the condition holds, the time is up or the signal fires; whoever judges afterwards sees which. */
async function until(condition: () => boolean | Promise<boolean>, limitMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!signal.aborted && performance.now() < deadline && !(await condition())) await sleep(500);
}
