// The engine's times, and how the lease follows from them (design invariant 3).

/** All in milliseconds unless named otherwise. */
export type EngineSettings = {
  /** How long a launch call may take. Google's own client config gives LaunchFlexTemplate 60 s. */
  readonly launchDeadlineMs: number;
  /** How much later than its deadline a launch request may still reach Dataflow. */
  readonly launchLatenessMs: number;
  /** How far two instances' clocks may differ from true time. */
  readonly clockSkewMs: number;
  /** How long the owner of a lease may take between recording its intent and sending the launch. */
  readonly launchSlackMs: number;
  /** How long after its creation a job may be missing from ListJobs. */
  readonly listLagMs: number;
  /** How long an event waits for its recommendation document: Pub/Sub may outrun Firestore. */
  readonly recommendationWaitMs: number;
  readonly pollYoungMs: number;
  readonly pollSteadyMs: number;
  readonly pollErrorMaxMs: number;
  readonly queueRetryMs: number;
  readonly metricsEveryMs: number;
  /** Two equal metric readings this far apart settle the cost (launchers facts: committed values lag minutes behind the end). */
  readonly settleAfterMs: number;
  readonly staleAfterMs: number;
  /** How long after an accepted cancel a job that is still not cancelling is told again: acknowledged cancels come to nothing (scio #3270). */
  readonly cancelAgainMs: number;
  /** Executions a tick works on at the same time. */
  readonly advanceConcurrency: number;
  readonly advancePageSize: number;
  /** Reads of jobs, metrics and messages per minute; half of the API's 15,000 monitoring requests per minute and user: two ticks may overlap. */
  readonly metricsCallsPerMinute: number;
  /**
   * Reads of metrics and messages a tick may spend on jobs that still run, those unread for longest first: with ten thousand of them every
   * job is read once in 25 minutes instead of every `metricsEveryMs`, and a quiet tick stays under a twentieth of one call per job.
   */
  readonly progressReadsPerTick: number;
  /** How often a running job's messages and autoscaling events are read; between two such reads CurrentVcpuCount tells its workers. */
  readonly messagesEveryMs: number;
};

export const defaultSettings: EngineSettings = {
  launchDeadlineMs: 60_000,
  launchLatenessMs: 60_000,
  clockSkewMs: 60_000,
  launchSlackMs: 30_000,
  listLagMs: 60_000,
  recommendationWaitMs: 600_000,
  pollYoungMs: 30_000,
  pollSteadyMs: 120_000,
  pollErrorMaxMs: 300_000,
  queueRetryMs: 30_000,
  metricsEveryMs: 120_000,
  settleAfterMs: 300_000,
  staleAfterMs: 3_600_000,
  cancelAgainMs: 300_000,
  advanceConcurrency: 64,
  advancePageSize: 200,
  metricsCallsPerMinute: 7_500,
  progressReadsPerTick: 400,
  messagesEveryMs: 900_000,
};

/** From sending a launch request to the moment after which it can no longer be applied, as any other clock may read it. */
export function launchInFlightMs(settings: EngineSettings): number {
  return settings.launchDeadlineMs + settings.launchLatenessMs + 2 * settings.clockSkewMs;
}

/** The lease: slack to get to the launch, plus everything a request may take. */
export function leaseMs(settings: EngineSettings): number {
  return settings.launchSlackMs + launchInFlightMs(settings);
}
