// `npm run executions`: executions for people, read from the HTTP API: list, show, watch, cancel.

import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { executionStatuses } from '../shared/schema/execution.ts';
import { type ExitCode, runCommand } from './command.ts';
import { type ApiClient, createApiClient } from './executions/api-client.ts';
import { detailText, listTable } from './executions/tables.ts';
import { watch } from './executions/watch.ts';

const apiOption = () =>
  new Option('--api <url>', 'the HTTP API').env('STREAMNOVA_API').default('http://127.0.0.1:8080');
const tokenOption = () =>
  new Option('--token <token>', 'OIDC token, where callers must bring one').env('STREAMNOVA_TOKEN');
const jsonOption = () => new Option('--json', 'JSON instead of text');

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
}

const print = (json: true | undefined, value: unknown, text: string): void => {
  process.stdout.write(`${json === true ? JSON.stringify(value) : text}\n`);
};

type Connection = { readonly api: string; readonly token?: string };
const clientOf = ({ api, token }: Connection): ApiClient => createApiClient(api, token);

await runCommand(async (signal) => {
  let exitCode: ExitCode = 0;
  const program = new Command('npm run executions --')
    .description('Reads and cancels executions through the HTTP API.')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit code: 0 done, 1 an execution watched did not succeed or the API refused, 2 wrong usage.',
    );

  program
    .command('list')
    .description('newest first')
    .addOption(apiOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .addOption(new Option('--status <status>', 'only of this status').choices(executionStatuses))
    .option('--load <name>', 'only of this load')
    .option('--limit <n>', 'at most so many', count, 20)
    .action(async ({ status, load, limit, json, ...connection }) => {
      const executions = await clientOf(connection).list({ status, load, limit });
      print(json, { executions }, executions.length === 0 ? 'no executions' : listTable(executions, Date.now()));
    });

  program
    .command('show <executionId>')
    .description('everything about one execution')
    .addOption(apiOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .action(async (executionId, { json, ...connection }) => {
      const view = await clientOf(connection).read(executionId);
      print(json, view, detailText(view));
    });

  program
    .command('watch [executionId]')
    .description('until it, or everything that runs, has ended')
    .addOption(apiOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .option('--every <seconds>', 'pause between two looks', count, 2)
    .action(async (executionId, { every, json, ...connection }) => {
      const out = json === true ? process.stderr : process.stdout;
      const ended = await watch(clientOf(connection), { executionId, everyMs: every * 1000, out, signal });
      if (json === true) print(json, { executions: ended }, '');
      if (ended.some((view) => view.status !== 'SUCCEEDED')) exitCode = 1;
    });

  program
    .command('cancel <executionId>')
    .description('asks for its end; the record decides')
    .addOption(apiOption())
    .addOption(tokenOption())
    .addOption(jsonOption())
    .option('--reason <text>', 'why; recorded')
    .action(async (executionId, { reason, json, ...connection }) => {
      const view = await clientOf(connection).cancel(executionId, reason);
      print(json, view, `${view.executionId} is ${view.status}`);
    });

  await program.parseAsync();
  return exitCode;
});
