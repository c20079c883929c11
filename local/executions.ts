// Executions from the command line (`npm run executions -- list|show|watch|cancel`), over the HTTP API.

import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import { type ExecutionsApi, executionsApi, Refused, Unreachable } from './executions/api-client.ts';
import { detailsText } from './executions/details.ts';
import {
  anyIdArgument,
  apiOption,
  everyOption,
  idArgument,
  jsonOption,
  limitOption,
  loadOption,
  statusOption,
} from './executions/options.ts';
import { executionsTable } from './executions/table.ts';
import { unended, watch } from './executions/watch.ts';

/** 0 done · 1 the execution failed · 2 wrong usage · 4 not reachable · 5 conflict · 130 interrupted. */
type ExitCode = 0 | 1 | 2 | 4 | 5 | 130;

const { stdout, stderr } = process;
const interrupt = new AbortController();

/** The API at an address; an identity token comes from the environment alone, where no process list shows it. */
const apiOf = ({ api }: { readonly api: string }): ExecutionsApi => executionsApi(api, process.env.STREAMNOVA_TOKEN);

const print = (text: string): void => void stdout.write(`${text}\n`);

let exitCode: ExitCode = 0;

const list = new Command('list')
  .description('Lists executions, newest first')
  .addOption(statusOption)
  .addOption(loadOption)
  .addOption(limitOption)
  .addOption(apiOption)
  .addOption(jsonOption)
  .action(async (options) => {
    const executions = await apiOf(options).list(options);
    print(
      options.json === true
        ? JSON.stringify({ executions })
        : executionsTable(executions, { now: Date.now(), stream: stdout }),
    );
  });

const show = new Command('show')
  .description('Shows one execution: what became of it, its time, money, attempts and messages')
  .addArgument(idArgument)
  .addOption(apiOption)
  .addOption(jsonOption)
  .action(async (executionId, options) => {
    const view = await apiOf(options).read(executionId);
    print(options.json === true ? JSON.stringify(view) : detailsText(view, { now: Date.now(), stream: stdout }));
  });

const watchCommand = new Command('watch')
  .description('Follows an execution, or everything that has not ended, to the end')
  .addArgument(anyIdArgument)
  .addOption(statusOption)
  .addOption(loadOption)
  .addOption(limitOption)
  .addOption(everyOption)
  .addOption(apiOption)
  .addOption(new Option('--json', 'print one line of JSON per change, for programs'))
  .action(async (executionId, options) => {
    const api = apiOf(options);
    const views = await watch({
      read: executionId === undefined ? unended(api, options) : async () => [await api.read(executionId)],
      everyMs: options.every * 1000,
      json: options.json === true,
      stream: stdout,
      signal: interrupt.signal,
    });
    if (interrupt.signal.aborted) exitCode = 130;
    else if (views.some(({ status }) => status !== 'SUCCEEDED')) exitCode = 1;
  });

const cancel = new Command('cancel')
  .description('Asks for an execution to be cancelled; watch it to see it end')
  .addArgument(idArgument)
  .option('--reason <text>', 'why, for the record')
  .addOption(apiOption)
  .addOption(jsonOption)
  .action(async (executionId, options) => {
    const view = await apiOf(options).cancel(executionId, options.reason);
    if (options.json === true) return print(JSON.stringify(view));
    print(
      `${view.executionId} is ${view.status}${view.status === 'CANCELLING' ? '; workers usually stop within 3 minutes' : ''}`,
    );
  });

const examples = `
Examples:
  npm run executions -- list --status RUNNING
  npm run executions -- watch exe-0123456789abcdef0123456789abcdef
  npm run executions -- cancel exe-0123456789abcdef0123456789abcdef --reason "wrong table"`;

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  try {
    const program = new Command('npm run executions --')
      .description('Lists, shows, watches and cancels executions')
      .addHelpText('after', examples)
      .exitOverride();
    for (const command of [list, show, watchCommand, cancel]) program.addCommand(command.exitOverride());
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Says what went wrong on stderr, and answers the code for it. */
function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof Unreachable) return 4;
  if (!(error instanceof Refused)) return 1;
  if (error.status === 409) return 5;
  return error.status >= 500 ? 4 : 2;
}
