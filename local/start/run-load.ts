// The steps of `npm start`: local cloud, recommendation, event, the life of the execution, and the comparison of both sides.

import { randomBytes } from 'node:crypto';
import { executionIdOf } from '../../shared/base/ids.ts';
import { isTerminal } from '../../shared/schema/execution.ts';
import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import { differingColumns } from '../checksum/differing-columns.ts';
import { sourceChecksum } from '../checksum/source-checksum.ts';
import { warehouseChecksum } from '../checksum/warehouse-checksum.ts';
import { withSource } from '../cloud/open-source.ts';
import { recommendationsTopic } from '../cloud/topology.ts';
import type { LocalCloud } from '../cloud.ts';
import { type BeginOptions, type Begun, begin } from './begin.ts';
import { countText } from './figures.ts';
import { createFollow, type Follow } from './follow-execution.ts';
import { endedText, launchedText, progressText, recommendationText } from './life-text.ts';
import { isGood, type Outcome, reasonOf } from './outcome.ts';
import { publishEvent } from './publish-event.ts';
import { writeRecommendation } from './recommendation.ts';
import type { Step } from './steps.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The outcome is there once the execution has ended, however it did. */
export type Run = { readonly steps: readonly Step[]; outcome(): Outcome | undefined };

/** Thrown by a step when the execution ended otherwise than hoped; the outcome tells the rest. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
}

type Say = (text: string) => void;

/** How long an ended execution may take to be concluded: its cost read, its outcome published. */
const concludeWithinMs = 10_000;

/** The steps, to be run in order, once. */
export function createRun(options: Omit<BeginOptions, 'say'>): Run {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const runId = `start-${time}-${randomBytes(3).toString('hex')}`;
  let begun: Begun;
  let follow: Follow;
  let outcome: Outcome | undefined;

  /** Keeps the outcome of an execution that has ended; throws when it did not succeed. */
  const checked = (view: ExecutionView): ExecutionView => {
    if (!isTerminal(view.status)) return view;
    const { dataset, table } = begun.target;
    outcome = { view, warehouseFile: options.state.warehouseFile, warehouseTable: `${dataset}.${table}` };
    if (view.status !== 'SUCCEEDED') throw new LoadFailed(`${view.status}: ${reasonOf(view)}`);
    return view;
  };

  const startCloud = async (say: Say): Promise<string> => {
    begun = await begin({ ...options, say });
    const { source, cloud } = begun;
    follow = createFollow(cloud.api, executionIdOf(runId), options.signal);
    const places = `API ${cloud.api}, Pub/Sub ${cloud.pubsub}, Dataflow ${cloud.dataflow.address}`;
    return [`Local cloud: ${source.description}; ${places}`, emulatorsText(cloud), source.notice]
      .filter(Boolean)
      .join('\n  ');
  };
  const recommend = async (): Promise<string> => {
    const { mode, machineType, workers, shards } = options.options;
    const wish = { load: begun.load, mode, machineType, workers, shards };
    const recommendation = await writeRecommendation(begun.cloud.engine, runId, wish);
    return `Recommendation ${runId}: ${recommendationText(recommendation)}`;
  };
  const publish = async (): Promise<string> => {
    const { pubsub, projectId } = begun.cloud;
    const { mode } = options.options;
    // A second start loads the same table again; appended rows would be there twice.
    const event = { runId, ...(mode === undefined ? {} : { mode }), overrides: { truncate: true } };
    const messageId = await publishEvent(`${pubsub}/v1/projects/${projectId}/topics/${recommendationsTopic}`, event);
    return `Event published on ${recommendationsTopic} as message ${messageId}`;
  };
  const accept = async (): Promise<string> => {
    const view = checked(await follow(() => true));
    return `Accepted: ${view.executionId}`;
  };
  const launch = async (say: Say): Promise<string> => {
    const isLaunched = (view: ExecutionView) => view.attempts.at(-1)?.jobId !== undefined || isTerminal(view.status);
    const view = checked(await follow(isLaunched, ({ status, statusReason }) => say(statusReason ?? status)));
    return launchedText(view);
  };
  const run = async (say: Say): Promise<string> => {
    const view = await follow(isConcluded(), (seen) => say(progressText(seen)));
    return endedText(checked(view));
  };
  const compare = async (say: Say): Promise<string> => {
    const { source, cloud, table, target } = begun;
    say('counting rows and summing row hashes over all columns, on each side by itself');
    const [ofSource, loaded] = await Promise.all([
      withSource(source, (client) => sourceChecksum(client, table)),
      warehouseChecksum(cloud.dataflow.warehouse, target, table.columns),
    ]);
    const compared = { ...(outcome as Outcome), source: ofSource, loaded };
    outcome = compared;
    if (isGood(compared)) {
      return `Source and warehouse hold the same ${countText(loaded.rows)} rows (checksum ${loaded.checksum})`;
    }
    const [left, right] = [ofSource, loaded].map(
      ({ rows, checksum }) => `${countText(rows)} rows, checksum ${checksum}`,
    );
    const columns = await withSource(source, (client) =>
      differingColumns(client, table, cloud.dataflow.warehouse, target),
    );
    const where =
      columns.length === 0 ? 'every column holds the same values, but in other rows' : `in ${columns.join(', ')}`;
    throw new LoadFailed(`source and warehouse differ: ${left} against ${right}; ${where}`);
  };

  return {
    outcome: () => outcome,
    steps: [
      { title: 'Local cloud', run: startCloud },
      // What was interrupted before leaves nothing that the next start would run.
      { title: 'Recommendation', run: () => unlessAborted(options.signal, recommend) },
      { title: 'Event', run: () => unlessAborted(options.signal, publish) },
      { title: 'Accepted', run: accept },
      { title: 'Launched', run: launch },
      { title: 'Running', run },
      { title: 'Same rows on both sides', run: (say) => unlessAborted(options.signal, () => compare(say)) },
    ],
  };
}

/** True for an execution that has ended and whose cost is read, or could not be read in time. */
function isConcluded(): (view: ExecutionView) => boolean {
  let endedAt: number | undefined;
  return ({ status, cost, costUnavailable }) => {
    if (!isTerminal(status)) return false;
    endedAt ??= Date.now();
    return cost !== undefined || costUnavailable !== undefined || Date.now() - endedAt > concludeWithinMs;
  };
}

/** Which parts are Google's emulators; empty: none. */
function emulatorsText({ store, broker, projectId }: LocalCloud): string {
  const parts = [`ledger: ${store}`, `broker: ${broker}`].filter((part) => part.includes('emulator'));
  return parts.length === 0 ? '' : `${parts.join(', ')} (project ${projectId})`;
}
