// Counts the calls a tick makes to Dataflow: the figure that says whether polling scales.

import type { Jobs } from './ports.ts';

/** `jobs` with its calls counted; a list of several pages counts once per page, messages once. */
export function countCalls(jobs: Jobs): { readonly jobs: Jobs; calls(): number } {
  let calls = 0;
  const counted =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer> => {
      calls += 1;
      return call(...args);
    };
  return {
    jobs: {
      launch: counted(jobs.launch.bind(jobs)),
      list: counted(jobs.list.bind(jobs)),
      get: counted(jobs.get.bind(jobs)),
      metrics: counted(jobs.metrics.bind(jobs)),
      messages: counted(jobs.messages.bind(jobs)),
      cancel: counted(jobs.cancel.bind(jobs)),
    },
    calls: () => calls,
  };
}
