// Measures one tick over thousands of running jobs: its time, its calls to Dataflow, its memory. Service, ledger and engine are real,
// the jobs are scripted; the service runs in a process of its own, and so does each engine, so that its memory is its own.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceReady, ServiceTask } from './advance-service.ts';
import type { TickReport, TickTask } from './advance-tick.ts';

export type AdvanceOptions = {
  /** Running jobs; default 10,000. */
  readonly jobs?: number;
  /** Jobs that have ended since the last tick; default 500. */
  readonly finishing?: number;
  /** Added to every call to Dataflow, in ms; default 50. */
  readonly latencyMs?: number;
  /** Added to every call to the ledger, in ms; default 10. */
  readonly ledgerLatencyMs?: number;
  /** Jobs of the small run the memory is compared with; default a tenth. */
  readonly fewJobs?: number;
};

export type AdvanceFigures = {
  readonly jobs: number;
  readonly finishing: number;
  /** The tick with `jobs` active and `finishing` ended ones. */
  readonly tickSec: number;
  /** Calls to Dataflow of a quiet tick: `jobs` active, none ended. */
  readonly apiCalls: number;
  /** What polling each job would have made of the quiet tick: one get per job. */
  readonly perJobCalls: number;
  /** Most memory the engine's process ever held over all its ticks. */
  readonly rssMiB: number;
  readonly quietTickSec: number;
  /** Calls of the tick with the ended ones, which need a get, their metrics and their messages each. */
  readonly busyApiCalls: number;
  readonly fewJobs: number;
  /** The same memory with `fewJobs`. */
  readonly fewJobsRssMiB: number;
};

/**
 * The heap Node 24 gives itself in the function's 512 MiB instance: in a cgroup of that size it reports a limit of 259 MiB and a new space
 * of 1 MiB (measured). Left alone on a large machine it collects later and holds more, whatever the work.
 */
const asInTheFunction = ['--max-old-space-size=256', '--max-semi-space-size=1'];

/** Runs the bench; leaves nothing behind. Throws when a tick did not do its work. */
export async function benchAdvance(options: AdvanceOptions = {}): Promise<AdvanceFigures> {
  const { jobs = 10_000, finishing = 500, latencyMs = 50, ledgerLatencyMs = 10 } = options;
  const { fewJobs = Math.ceil(jobs / 10) } = options;
  const few = await measure({ jobs: fewJobs, finishing: Math.ceil(finishing / 10), latencyMs }, ledgerLatencyMs);
  const many = await measure({ jobs, finishing, latencyMs }, ledgerLatencyMs);
  return {
    jobs,
    finishing,
    tickSec: many.busy.sec,
    apiCalls: many.quiet.apiCalls,
    perJobCalls: jobs,
    rssMiB: many.rssMiB,
    quietTickSec: many.quiet.sec,
    busyApiCalls: many.busy.apiCalls,
    fewJobs,
    fewJobsRssMiB: few.rssMiB,
  };
}

/** The figures for people. */
export function advanceText(figures: AdvanceFigures): string {
  const ratio = figures.perJobCalls / figures.apiCalls;
  return [
    `advance: ${figures.jobs} running jobs, ${figures.finishing} of them finishing`,
    `  tick with the finishing ones  ${figures.tickSec.toFixed(1)} s, ${figures.busyApiCalls} calls to Dataflow`,
    `  quiet tick                    ${figures.quietTickSec.toFixed(1)} s, ${figures.apiCalls} calls; polling each job: ${figures.perJobCalls} (${ratio.toFixed(0)} x)`,
    `  memory                        ${figures.rssMiB} MiB; ${figures.fewJobsRssMiB} MiB with ${figures.fewJobs} jobs`,
  ].join('\n');
}

async function measure(size: Omit<ServiceTask, 'ledgerPath'>, ledgerLatencyMs: number): Promise<TickReport> {
  const folder = mkdtempSync(join(tmpdir(), 'streamnova-bench-'));
  const children: ChildProcess[] = [];
  const start = (file: string, execArgv: string[] = []): ChildProcess => {
    const child = fork(join(import.meta.dirname, file), { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    children.push(child);
    return child;
  };
  try {
    const ledgerPath = join(folder, 'ledger.sqlite');
    const { address } = await ask<ServiceTask, ServiceReady>(start('advance-service.ts'), { ...size, ledgerPath });
    const engine = start('advance-tick.ts', asInTheFunction);
    const report = await ask<TickTask, TickReport>(engine, { address, ledgerPath, ledgerLatencyMs });
    check(report, size);
    return report;
  } finally {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

function check({ quiet, busy }: TickReport, { jobs, finishing }: { jobs: number; finishing: number }): void {
  const problems = [
    ...(quiet.looked === jobs && quiet.changed === jobs && quiet.failed === 0 ? [] : ['the quiet tick left jobs out']),
    ...(busy.looked === jobs + finishing && busy.failed === 0 ? [] : ['the busy tick left jobs out']),
    ...(busy.outcomes === finishing ? [] : [`${busy.outcomes} outcomes of ${finishing} were published`]),
  ];
  if (problems.length > 0) throw new Error(`${problems.join('; ')}: ${JSON.stringify({ quiet, busy })}`);
}

/** Sends a child its task and waits for its one answer. */
async function ask<Task extends object, Answer>(child: ChildProcess, task: Task): Promise<Answer> {
  child.send(task);
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as Answer),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a process of the bench ended with ${code} before it answered`);
    }),
  ]);
  return answer;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
