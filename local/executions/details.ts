// One execution for people: what became of it in a sentence, then its time, money, attempts and messages.

import type { ExecutionView } from '../../shared/schema/execution-view.ts';
import { countText, differenceText, moneyText, secondsText } from '../start/figures.ts';
import { candidateText, durationText, rowsText, statusText } from './table.ts';

/** Every line of `show`, without escapes where the stream shows none. */
export function detailsText(
  view: ExecutionView,
  options: { readonly now: number; readonly stream: NodeJS.WriteStream },
): string {
  return [
    `${statusText(view, options.stream)}  ${sentence(view, options.now)}`,
    ...(view.statusReason === undefined ? [] : [`why           ${view.statusReason}`]),
    ...(view.stale === undefined
      ? []
      : [`stale         not readable since ${view.stale.since} (${view.stale.pollErrors} tries in a row)`]),
    '',
    `execution     ${view.executionId}`,
    `load          ${view.load}${view.mode === undefined ? '' : ` (${view.mode})`}`,
    `run           ${view.runId}`,
    `accepted      ${view.acceptedAt}`,
    ...(view.endedAt === undefined ? [] : [`ended         ${view.endedAt}`]),
    ...timeLines(view),
    ...costLines(view),
    ...(view.metrics?.peakWorkers === undefined
      ? []
      : [`workers       ${view.metrics.currentWorkers ?? 0} now, ${view.metrics.peakWorkers} at most`]),
    ...view.attempts.flatMap(attemptLines),
    ...listed(
      'decided',
      view.decisions?.map(({ attempt, reason }) => `after attempt ${attempt}: ${reason}`),
    ),
    ...listed(
      'violation',
      view.violations?.map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`),
    ),
    ...listed('warning', view.warnings),
    ...listed(
      'message',
      view.messages?.map(
        ({ at, importance, text, count }) =>
          `${new Date(at).toISOString()} ${importance}${count > 1 ? ` (${count} times)` : ''} ${text}`,
      ),
    ),
  ].join('\n');
}

/** `310,000 (62 %) rows in 3 min 12 s on 2 × n2-standard-4, 8 shards` */
function sentence(view: ExecutionView, now: number): string {
  const rows = rowsText(view);
  const candidate = candidateText(view);
  const what = rows === '' ? 'accepted' : `${rows} rows`;
  return `${what} ${view.endedAt === undefined ? 'since' : 'in'} ${durationText(view, now)}${candidate === '' ? '' : ` on ${candidate}`}`;
}

function timeLines({ durations, estimate }: ExecutionView): string[] {
  if (durations === undefined) return [];
  const { queuedSec, dataflowQueuedSec, startupSec, runningSec } = durations;
  const parts = [
    `queued here ${secondsText(queuedSec)}`,
    `at Dataflow ${secondsText(dataflowQueuedSec)}`,
    `start-up ${secondsText(startupSec)}`,
    `running ${secondsText(runningSec)}`,
  ];
  const predicted = estimate?.estimatedDurationSec;
  const job = dataflowQueuedSec + startupSec + runningSec;
  return [
    `time          ${parts.join(', ')}`,
    ...(predicted === undefined
      ? []
      : [`predicted     ${secondsText(predicted)}, took ${secondsText(job)} (${differenceText(predicted, job)})`]),
  ];
}

function costLines({ cost, costUnavailable, estimate }: ExecutionView): string[] {
  const why = costUnavailable === undefined ? [] : [`cost          unknown: ${costUnavailable}`];
  if (cost === undefined) return why;
  const { vcpu, memory, disk, shuffle, total } = cost.microUsd;
  const parts = `vCPU ${moneyText(vcpu)}, memory ${moneyText(memory)}, disk ${moneyText(disk)}, shuffle ${moneyText(shuffle)}`;
  const predicted = estimate?.estimatedCostMicroUsd;
  const beside =
    predicted === undefined ? '' : `; predicted ${moneyText(predicted)} (${differenceText(predicted, total)})`;
  return [`cost          ${moneyText(total)} ${cost.level}: ${parts}${beside}`, ...why];
}

function attemptLines(attempt: ExecutionView['attempts'][number]): string[] {
  const { number, jobName, jobId, lastState, failure, candidate, consoleUrl, logsUrl } = attempt;
  const machines = `${candidate.workerCount} × ${candidate.machineType}, ${countText(candidate.shardCount)} shards`;
  return [
    '',
    `attempt ${number}     ${jobName} ${jobId ?? '(no job yet)'} ${lastState ?? ''}`.trimEnd(),
    `              ${machines}`,
    ...(failure === undefined ? [] : [`              ${failure.code}: ${failure.summary}`]),
    ...[consoleUrl, logsUrl].flatMap((url) => (url === undefined ? [] : [`              ${url}`])),
  ];
}

function listed(name: string, texts: readonly string[] = []): string[] {
  return texts.length === 0 ? [] : ['', ...texts.map((text) => `${name.padEnd(13)} ${text}`)];
}
