// The options of `npm start`.

import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { modeSchema } from '../../shared/schema/recommendation.ts';

const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`it must be a whole number of at least ${least}.`);
    }
    return value;
  };

/** A port; 0 takes a free one. */
export const portOption = <Flags extends `--${string} <port>`>(flags: Flags, description: string, fallback: number) =>
  new Option(flags, description).default(fallback).argParser((text: string): number => {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
      throw new InvalidArgumentError('it must be a port, 0 to 65535.');
    return Number(text);
  });

export const rowsOption = new Option('--rows <n>', 'rows of the seeded table orders')
  .default(500_000)
  .argParser(wholeNumber(0));

export const sourceUrlOption = new Option(
  '--source-url <url>',
  "postgres:// or mysql://user:password@host:port/database: the user's own database instead of a seeded one",
);

export const configOption = new Option('--config <file>', 'load configuration (YAML); default: local/streamnova.yaml');

export const stateDirOption = new Option(
  '--state-dir <folder>',
  'where database, ledger and warehouse are kept',
).default('.local');

export type StartOptions = ReturnType<typeof parseStartOptions>;

/** Reads the command line. Throws commander's CommanderError after it printed help, or what is wrong with an option. */
export function parseStartOptions(argv: readonly string[]) {
  const command = new Command('npm start --')
    .description('Starts a local cloud and runs one load in it: from a recommendation event to rows in the warehouse.')
    .addOption(rowsOption)
    .addOption(sourceUrlOption)
    .option('--table <schema.name>', 'table to load; default: the table of the load')
    .option('--load <name>', 'load of the configuration to run', 'orders')
    .addOption(new Option('--mode <mode>', 'what to optimise for').choices(modeSchema.options))
    .option('--machine-type <type>', 'machine type of the workers, e.g. n2-standard-4')
    .option('--workers <n>', 'number of workers', wholeNumber(1))
    .option('--shards <n>', 'ranges the table is read in', wholeNumber(1))
    .addOption(configOption)
    .addOption(stateDirOption)
    .addOption(portOption('--api-port <port>', 'port of the HTTP API (0: any free one)', 0))
    .addOption(portOption('--pubsub-port <port>', 'port of the Pub/Sub REST API (0: any free one)', 0))
    .addOption(portOption('--dataflow-port <port>', 'port of the local Dataflow (0: any free one)', 0))
    .addOption(portOption('--postgres-port <port>', 'port of the seeded PostgreSQL (0: any free one)', 0))
    .option('--json', 'only one line on stdout: the outcome as JSON')
    .addHelpText('after', examples)
    .showHelpAfterError('(npm start -- --help explains every option)')
    .exitOverride();
  return command.parse([...argv], { from: 'user' }).opts();
}

const examples = `
Examples:
  npm start
  npm start -- --rows 5000000 --machine-type n2-standard-8 --workers 2 --shards 32
  npm start -- --source-url postgres://me:secret@localhost:5432/shop --table public.customers
  npm start -- --source-url mysql://me:secret@localhost:3306/shop --table customers
  npm start -- --json | tail -1

Where FIRESTORE_EMULATOR_HOST is set, the ledger is kept in that Firestore emulator; where PUBSUB_EMULATOR_HOST is set, events go
through that Pub/Sub emulator (GOOGLE_CLOUD_PROJECT names the project there, default: local).

Exit code: 0 the load SUCCEEDED and source and warehouse hold the same rows, 1 it did not, 2 wrong usage or configuration, 130 interrupted.`;
