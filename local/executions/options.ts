// The arguments and options the commands about executions share.

import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { executionStatuses } from '../../shared/schema/execution.ts';

/** Where `npm run serve` listens unless told otherwise. */
const localApi = 'http://127.0.0.1:8080';

function executionId(text: string): string {
  if (/^exe-[0-9a-f]{32}$/.test(text)) return text;
  throw new InvalidArgumentError('an id is exe- and 32 hex digits; list shows them');
}

export const idArgument = new Argument('<execution>', 'id of an execution').argParser(executionId);
export const anyIdArgument = new Argument(
  '[execution]',
  'id of an execution; without it all that have not ended',
).argParser(executionId);

export const jsonOption = new Option('--json', 'print JSON, for programs');

export const apiOption = new Option('--api <url>', 'address of the API')
  .env('STREAMNOVA_API')
  .default(localApi)
  .argParser((text) => {
    if (!URL.canParse(text) || !/^https?:/.test(text))
      throw new InvalidArgumentError('an address looks like http://127.0.0.1:8080');
    return text;
  });

export const statusOption = new Option('--status <status>', 'only those of this status').choices(executionStatuses);

export const loadOption = new Option('--load <name>', 'only those of this load');

export const everyOption = new Option('--every <seconds>', 'pause between two looks').default(2).argParser((text) => {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError('from 0.1 to 3600');
  return seconds;
});

export const limitOption = new Option('--limit <count>', 'how many, newest first').default(20).argParser((text) => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return count;
});
