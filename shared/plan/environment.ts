// Decides where a job runs: on the local Dataflow of this system, or on Google's.

export type EnvironmentHints = {
  /** The value of DATAFLOW_EMULATOR_HOST, given by the edge. */
  readonly dataflowEmulatorHost?: string | undefined;
  readonly projectId?: string | undefined;
  readonly region?: string | undefined;
};

export type DetectedEnvironment = { readonly environment: 'LOCAL' | 'DATAFLOW'; readonly reason: string };

/**
 * LOCAL when an emulator host is set, or when project or region is missing (then nothing could be launched at Google); else DATAFLOW.
 * The reason is one clause for people; it stands in every plan (design section 5).
 */
export function detectEnvironment(hints: EnvironmentHints): DetectedEnvironment {
  const host = present(hints.dataflowEmulatorHost);
  if (host !== undefined) return { environment: 'LOCAL', reason: `DATAFLOW_EMULATOR_HOST is set (${host})` };
  const projectId = present(hints.projectId);
  const region = present(hints.region);
  if (projectId === undefined && region === undefined) {
    return { environment: 'LOCAL', reason: 'no project and no region are configured' };
  }
  if (projectId === undefined) return { environment: 'LOCAL', reason: 'no project is configured' };
  if (region === undefined) return { environment: 'LOCAL', reason: 'no region is configured' };
  return { environment: 'DATAFLOW', reason: `project ${projectId} and region ${region} are configured` };
}

function present(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed;
}
