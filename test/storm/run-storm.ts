// A storm from beginning to end: publish, kill, tick; then calm, wait until everything came to rest, and judge.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '../../shared/schema/execution.ts';
import { allExecutions, reservationsLeft, slowestWrite } from './evidence.ts';
import { outcomeReader } from './outcomes.ts';
import { publishAll } from './publisher.ts';
import type { Stage } from './stage.ts';
import { outcomesTopic, projectId } from './storm-settings.ts';
import { makeTrouble, post } from './trouble.ts';
import { judge, type Verdict } from './verdict.ts';

export type StormResult = Verdict & {
  readonly published: number;
  /** Pushes that reached an instance, plus calls over HTTP. */
  readonly deliveries: number;
  readonly kills: { readonly SIGKILL: number; readonly SIGTERM: number };
  readonly deadLetters: number;
  readonly relaunches: number;
  readonly adopted: number;
  readonly httpCalls: number;
  readonly slowestWriteMs: number | undefined;
  readonly stormSec: number;
  readonly calmSec: number;
};

/** Messages published and not yet acknowledged at most, in units of what may be in flight: nacked ones wait for their back-off too. */
const windowFactor = 4;
/** How long the end may take: several leases, back-offs and look-ups in a row. */
const calmLimitMs = 180_000;
/** One in so many runs is asked for over HTTP too, twice at once under one key. */
const httpEvery = 20;

export async function runStorm(
  stage: Stage,
  options: {
    readonly recommendations: number;
    readonly deliveries: number;
    readonly inFlight: number;
    readonly random: () => number;
    readonly signal: AbortSignal;
    progress(line: string): void;
  },
): Promise<StormResult> {
  const { pubsub, front, instances, ledger } = stage;
  const begun = performance.now();
  const reader = outcomeReader(pubsub, outcomesTopic);
  const trouble = makeTrouble({ instances, tickers: 2, random: options.random });
  const dead = { count: 0 };
  let published = 0;
  let httpCalls = 0;
  const calls: Promise<unknown>[] = [];
  const outstanding = () => published - front.acknowledged() - dead.count;
  const reading = new AbortController();
  const readers = readOn();

  async function readOn(): Promise<void> {
    for (let round = 0; !reading.signal.aborted; round += 1) {
      await reader.pull();
      const letters = await pubsub.pull('dead-letters', 500);
      dead.count += letters.length;
      await pubsub.acknowledge(
        'dead-letters',
        letters.map(({ ackId }) => ackId),
      );
      if (round % 5 === 0) {
        const { deliveries, cut, refused } = front.counts;
        options.progress(
          `${seconds(begun)} s: ${published} published, ${deliveries} delivered (${refused} refused, ${cut} cut), ${outstanding()} open, ` +
            `${trouble.kills.SIGKILL + trouble.kills.SIGTERM} kills, ${trouble.ticks.done} ticks, ${reader.told.size} outcomes`,
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
      pubsub,
      recommendations: stage.recommendations,
      topics: stage.topics,
      count: options.recommendations,
      window: windowFactor * options.inFlight,
      outstanding,
      onPublished: (messages) => {
        published += messages;
      },
      onWritten: (runId) => {
        if (Number(runId.split('-').at(-1)) % httpEvery === 0) calls.push(callOverHttp(runId));
      },
    });
    await until(() => outstanding() <= 0, calmLimitMs, options.signal);
    await Promise.all(calls);
    await trouble.calm();
    const stormSec = seconds(begun);
    const atRest = async (): Promise<boolean> => {
      if (reader.told.size < options.recommendations) return false;
      const executions = await allExecutions(ledger);
      return executions.every(({ value }) => isTerminal(value.status) && value.nextCheckAt === null);
    };
    await until(atRest, calmLimitMs, options.signal);
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
      published,
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
