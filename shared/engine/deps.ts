// What the engine's verbs are handed: ports, clock, tokens, settings. One literal object, no container.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LoadConfig } from '../schema/load-config.ts';
import type { PlanTarget } from '../schema/plan.ts';
import type { Documents, Jobs, Ledger, Outcomes, Profiler, Recommendations, Tokens } from './ports.ts';
import type { EngineSettings } from './settings.ts';

export type EngineDeps = {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly recommendations: Recommendations;
  readonly jobs: Jobs;
  readonly outcomes: Outcomes;
  /** Undefined: no source can be reached from here; plans say so. */
  readonly profiler?: Profiler;
  /** The load configuration, checked. Throws EngineError CONFIG listing every problem with its line. */
  readonly config: () => Promise<LoadConfig>;
  /** The text of a Flex template's container spec at a gs:// path; undefined: not read here, its parameters pass unchecked. */
  readonly containerSpec?: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly log: Log;
  readonly settings: EngineSettings;
  readonly runtime: Pick<PlanTarget, 'projectId' | 'region' | 'environment' | 'environmentReason'>;
};
