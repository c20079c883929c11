// The engine's times on one machine: everything is near and shares one clock, so that a person need not wait.

import { defaultSettings, type EngineSettings } from '../../shared/engine/settings.ts';

/** A lease of 18 s; a job is looked at every quarter second while it is young, so that a progress bar moves. */
export const localSettings: EngineSettings = {
  ...defaultSettings,
  launchDeadlineMs: 10_000,
  launchLatenessMs: 2_000,
  clockSkewMs: 500,
  launchSlackMs: 5_000,
  listLagMs: 1_000,
  pollYoungMs: 250,
  pollSteadyMs: 2_000,
  pollErrorMaxMs: 10_000,
  queueRetryMs: 1_000,
  metricsEveryMs: 250,
  settleAfterMs: 5_000,
};
