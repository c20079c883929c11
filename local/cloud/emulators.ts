// Which of Google's emulators take the place of parts of the local cloud: the ones the environment names, if they are there.

import { settingsSchema } from '../../shared/base/config.ts';
import { UsageError } from '../usage-error.ts';
import { localProject } from './topology.ts';

export type Emulators = {
  /** host:port; the ledger is kept there instead of in SQLite. */
  readonly firestore?: string;
  /** host:port; events go through it instead of through the broker of the local cloud. */
  readonly pubsub?: string;
  /** The project everything belongs to on the emulators. */
  readonly projectId: string;
};

const variables = {
  FIRESTORE_EMULATOR_HOST: 'gcloud emulators firestore start',
  PUBSUB_EMULATOR_HOST: 'gcloud beta emulators pubsub start',
} as const;
const schema = settingsSchema.pick({ FIRESTORE_EMULATOR_HOST: true, PUBSUB_EMULATOR_HOST: true });

/** How long an emulator on the same machine or network may take to answer. */
const answerWithinMs = 5_000;

/**
 * What FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST name; GOOGLE_CLOUD_PROJECT names the project there (default: local). Throws a
 * UsageError naming the variable whose value is no host:port, or where nothing answers: Google's clients would try for minutes.
 */
export async function findEmulators(env: Readonly<Record<string, string | undefined>>): Promise<Emulators> {
  const named = Object.fromEntries(Object.keys(variables).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const parsed = schema.safeParse(named);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new UsageError(`environment variables: ${problems.join('; ')}`);
  }
  const { FIRESTORE_EMULATOR_HOST: firestore, PUBSUB_EMULATOR_HOST: pubsub } = parsed.data;
  await answers('FIRESTORE_EMULATOR_HOST', firestore);
  await answers('PUBSUB_EMULATOR_HOST', pubsub);
  const used = firestore !== undefined || pubsub !== undefined;
  return {
    ...(firestore === undefined ? {} : { firestore }),
    ...(pubsub === undefined ? {} : { pubsub }),
    projectId: (used && env.GOOGLE_CLOUD_PROJECT) || localProject,
  };
}

/** Both emulators answer GET / (measured: 200, "Ok"). */
async function answers(variable: keyof typeof variables, host: string | undefined): Promise<void> {
  if (host === undefined) return;
  try {
    const response = await fetch(`http://${host}/`, { signal: AbortSignal.timeout(answerWithinMs) });
    await response.arrayBuffer();
  } catch (cause) {
    const start = `${variables[variable]} --host-port=${host}`;
    throw new UsageError(`${variable} is ${host}, but no emulator answers there; start it (${start}), or unset it`, {
      cause,
    });
  }
}
