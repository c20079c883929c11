// `npm run serve`: keeps a local cloud up until Ctrl-C and says in one JSON line where it listens.

import { Command } from '@commander-js/extra-typings';
import { findEmulators } from './cloud/emulators.ts';
import { loadOfTable } from './cloud/local-config.ts';
import { writeLocalSchemas } from './cloud/local-schemas.ts';
import { findTable, openSeededSource, openUserSource } from './cloud/open-source.ts';
import { takeStateFolder } from './cloud/state-folder.ts';
import { startLocalCloud } from './cloud.ts';
import { type ExitCode, runCommand } from './command.ts';
import { configOption, portOption, rowsOption, sourceUrlOption, stateDirOption } from './start/start-options.ts';
import { unlessAborted } from './start/unless-aborted.ts';

/** Pause between two ticks of pollJobs. */
const tickMs = 2000;

async function serve(signal: AbortSignal): Promise<ExitCode> {
  const options = parseServeOptions(process.argv.slice(2));
  const emulators = await findEmulators(process.env);
  await using started = new AsyncDisposableStack();
  const state = takeStateFolder(options.stateDir);
  started.defer(async () => state.release());
  // stdout carries the one JSON line; the log goes where logs go.
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const source =
    options.sourceUrl === undefined
      ? await openSeededSource({ state, port: options.postgresPort, rows: options.rows, say, signal })
      : openUserSource(options.sourceUrl);
  started.defer(source.stop);
  if (source.notice !== undefined) say(source.notice);
  const asked = await unlessAborted(signal, async () =>
    options.table === undefined ? undefined : findTable(source, options.table),
  );
  const cloud = await startLocalCloud({
    state,
    source: source.address,
    tickMs,
    write: (line) => process.stderr.write(`${line.trimEnd()}\n`),
    env: process.env,
    emulators,
    ports: { api: options.apiPort, pubsub: options.pubsubPort, dataflow: options.dataflowPort },
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(asked === undefined ? {} : { table: loadOfTable(asked) }),
  });
  started.defer(cloud.stop);
  await unlessAborted(signal, async () => writeLocalSchemas(source, state, await cloud.engine.deps.config()));
  const { api, pubsub, projectId: project, store, broker } = cloud;
  const places = { api, pubsub, dataflow: cloud.dataflow.address, postgres: source.url, project, store, broker };
  process.stdout.write(`${JSON.stringify({ ready: true, ...places })}\n`);
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  say('stopping');
  return 0;
}

function parseServeOptions(argv: readonly string[]) {
  return new Command('npm run serve --')
    .description('Keeps a local cloud up: HTTP API, Pub/Sub REST API, local Dataflow and PostgreSQL on 127.0.0.1.')
    .addOption(rowsOption)
    .addOption(sourceUrlOption)
    .option('--table <schema.name>', 'adds a load, named like the table, for a table of the source')
    .addOption(configOption)
    .addOption(stateDirOption)
    .addOption(portOption('--api-port <port>', 'port of the HTTP API (0: any free one)', 8080))
    .addOption(portOption('--pubsub-port <port>', 'port of the Pub/Sub REST API (0: any free one)', 8085))
    .addOption(portOption('--dataflow-port <port>', 'port of the local Dataflow, gRPC (0: any free one)', 8086))
    .addOption(portOption('--postgres-port <port>', 'port of the seeded PostgreSQL (0: any free one)', 54320))
    .addHelpText('after', examples)
    .showHelpAfterError('(npm run serve -- --help explains every option)')
    .exitOverride()
    .parse([...argv], { from: 'user' })
    .opts();
}

const examples = `
Prints one JSON line on stdout when ready: {"ready":true,"api":…,"pubsub":…,"dataflow":…,"postgres":…,"project":…,"store":…,"broker":…}
The engine's log goes to stderr. Ctrl-C stops everything; the next start finds ledger and warehouse as they were.
Where FIRESTORE_EMULATOR_HOST is set, the ledger is kept in that Firestore emulator; where PUBSUB_EMULATOR_HOST is set, events go
through that Pub/Sub emulator (GOOGLE_CLOUD_PROJECT names the project there, default: local).

Examples:
  npm run serve
  npm run serve -- --rows 1000 --api-port 0 --pubsub-port 0 --dataflow-port 0 --postgres-port 0`;

await runCommand(serve);
