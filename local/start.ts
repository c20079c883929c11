// `npm start`: one real load on this machine, from a recommendation event to compared rows in the warehouse.

import { createWriteStream } from 'node:fs';
import { scrub } from '../shared/base/log.ts';
import { takeStateFolder } from './cloud/state-folder.ts';
import { type ExitCode, reportError, runCommand } from './command.ts';
import { isGood, outcomeJson, outcomeTables } from './start/outcome.ts';
import { createRun, LoadFailed, type Run } from './start/run-load.ts';
import { parseStartOptions, type StartOptions } from './start/start-options.ts';
import { runSteps } from './start/steps.ts';

async function start(options: StartOptions, signal: AbortSignal): Promise<ExitCode> {
  // With --json stdout holds one line; what people read goes to stderr then.
  const people = options.json === true ? process.stderr : process.stdout;
  await using started = new AsyncDisposableStack();
  const state = takeStateFolder(options.stateDir);
  started.defer(async () => state.release());
  const log = createWriteStream(state.logFile);
  const run = createRun({ options, state, started, signal, write: (line) => log.write(`${line.trimEnd()}\n`) });
  try {
    await runSteps(run.steps, people);
  } catch (error) {
    return failed(error, run, { options, signal, people, logFile: state.logFile });
  }
  show(run, options, people);
  const outcome = run.outcome();
  return outcome !== undefined && isGood(outcome) ? 0 : 1;
}

function show(run: Run, options: StartOptions, people: NodeJS.WriteStream): void {
  const outcome = run.outcome();
  if (outcome === undefined) return;
  people.write(`\n${outcomeTables(outcome)}\n`);
  if (options.json === true) process.stdout.write(`${JSON.stringify(outcomeJson(outcome))}\n`);
}

type Failing = {
  readonly options: StartOptions;
  readonly signal: AbortSignal;
  readonly people: NodeJS.WriteStream;
  readonly logFile: string;
};

function failed(error: unknown, run: Run, { options, signal, people, logFile }: Failing): ExitCode {
  if (signal.aborted) {
    if (options.json === true) sayUnfinished('interrupted');
    return 130;
  }
  const code = error instanceof LoadFailed ? 1 : reportError(error);
  if (error instanceof LoadFailed) process.stderr.write(`${scrub(error.message)}\n`);
  if (code !== 2) process.stderr.write(`(the engine's log: ${logFile})\n`);
  if (run.outcome() !== undefined) show(run, options, people);
  else if (options.json === true) sayUnfinished(scrub(error instanceof Error ? error.message : String(error)));
  return code;
}

/** The last line of a start that came to no outcome. */
function sayUnfinished(reason: string): void {
  process.stdout.write(`${JSON.stringify({ status: null, checksumEqual: false, reason })}\n`);
}

await runCommand(async (signal) => start(parseStartOptions(process.argv.slice(2)), signal));
