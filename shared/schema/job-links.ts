// Where a person looks at a job: its page in the console, and its log lines.

import type { Attempt } from './execution.ts';

export type JobLinks = { readonly consoleUrl: string; readonly logsUrl: string };

/**
 * The links of an attempt's job; none without a job, nor for a local one, which no console knows. The log query names a time of its own:
 * without one Logs Explorer shows the last hour alone, and a link is mostly followed later.
 */
export function jobLinks(attempt: Attempt): Partial<JobLinks> {
  const { projectId, region, jobId } = attempt;
  if (jobId === undefined || projectId === 'local') return {};
  const since = new Date(attempt.jobCreatedAt ?? attempt.intentAt).toISOString();
  const query = `resource.type="dataflow_step"\nresource.labels.job_id="${jobId}"\ntimestamp>="${since}"`;
  return {
    consoleUrl: `https://console.cloud.google.com/dataflow/jobs/${region}/${jobId}?project=${projectId}`,
    logsUrl: `https://console.cloud.google.com/logs/query;query=${encodeURIComponent(query)}?project=${projectId}`,
  };
}
