// What all looks of one tick share: the gate, the list of active jobs, the running jobs to measure, turns at documents, the events the policy wants.

import { type ActiveJobs, createActiveJobs, noList } from './active-jobs.ts';
import { wantedEvents } from './announce.ts';
import type { EngineDeps } from './deps.ts';
import { createGate, type Gate } from './gate.ts';
import { createInTurn, type InTurn } from './in-turn.ts';
import { createUnmeasured, type Unmeasured } from './unmeasured.ts';

export type TickTools = {
  readonly gate: Gate;
  readonly activeJobs: ActiveJobs;
  readonly unmeasured: Unmeasured;
  readonly inTurn: InTurn;
  readonly wantedEvents: () => Promise<readonly string[]>;
};

/** Calls in flight at once: with answers after 50 ms the calls per minute bind first (125 a second need seven). */
const callsInFlight = 100;

/** Fresh tools for one tick; nothing is kept from one tick to the next. */
export function tickTools(deps: EngineDeps): TickTools {
  const gate = createGate({ concurrency: callsInFlight, callsPerMinute: deps.settings.metricsCallsPerMinute });
  return {
    gate,
    activeJobs: createActiveJobs(deps, gate),
    unmeasured: unmeasured(deps, deps.settings.progressReadsPerTick),
    inTurn: createInTurn(),
    wantedEvents: wantedEvents(deps),
  };
}

/** Tools for a look at one execution alone: its job is asked for by itself. */
export function wakeTools(deps: EngineDeps): TickTools {
  return {
    gate: createGate({ concurrency: 2, callsPerMinute: Number.POSITIVE_INFINITY }),
    activeJobs: noList,
    unmeasured: unmeasured(deps, 1),
    inTurn: createInTurn(),
    wantedEvents: wantedEvents(deps),
  };
}

const unmeasured = ({ settings }: EngineDeps, size: number): Unmeasured =>
  createUnmeasured({ size, metricsEveryMs: settings.metricsEveryMs });
