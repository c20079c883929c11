// `npm run replay-dead-letters`: shows what is in the dead-letter subscription, and with --yes publishes it again.

import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { isEngineError } from '../shared/base/errors.ts';
import { scrub } from '../shared/base/log.ts';
import { type DeadLetter, type DeadLetters, pubsubDeadLetters } from '../shared/gcp/dead-letters.ts';
import { recommendationEventSchema } from '../shared/schema/event.ts';
import { runCommand } from './command.ts';

/** Letters pulled at a time; all of one pull must be handled within the subscription's 60 s. */
const pageSize = 100;

export type Replay = { readonly seen: number; readonly published: number; readonly refused: number };

/**
 * Goes through the letters, at most `limit`, telling each as one line. With `yes` each is published first and acknowledged then, so none
 * is lost; one that was published twice starts nothing twice, because its run is the key. Without, all are given back at the end.
 */
export async function replayDeadLetters(
  letters: DeadLetters,
  options: { readonly yes: boolean; readonly limit: number; readonly tell: (line: string) => void },
): Promise<Replay> {
  const kept: DeadLetter[] = [];
  const seen = new Set<string>();
  const count = { published: 0, refused: 0 };
  try {
    while (seen.size < options.limit) {
      const page = await letters.pull(Math.min(pageSize, options.limit - seen.size));
      const fresh = page.filter(({ messageId }) => !seen.has(messageId));
      kept.push(...page.filter(({ messageId }) => seen.has(messageId)));
      // Nothing but letters given back before: the round is complete.
      if (fresh.length === 0) break;
      for (const letter of fresh) {
        seen.add(letter.messageId);
        const refused = options.yes ? await publishAgain(letters, letter) : undefined;
        options.tell(`${describe(letter)}${refused === undefined ? '' : ` — refused: ${refused}`}`);
        if (!options.yes || refused !== undefined) kept.push(letter);
        if (options.yes) count[refused === undefined ? 'published' : 'refused'] += 1;
      }
    }
  } finally {
    await letters.release(kept);
  }
  return { seen: seen.size, ...count };
}

/** Undefined when done; else why the topic refused the letter, which stays where it is. */
async function publishAgain(letters: DeadLetters, letter: DeadLetter): Promise<string | undefined> {
  try {
    await letters.republish(letter);
  } catch (error) {
    if (isEngineError(error, 'INVALID_ARGUMENT', 'FAILED_PRECONDITION')) return error.message;
    throw error;
  }
  await letters.acknowledge([letter]);
  return undefined;
}

/** One line: message id, first publication, deliveries, and which run it asks for; or the beginning of what cannot be read. */
function describe({ messageId, publishedAt, deliveries, data }: DeadLetter): string {
  const when = publishedAt === undefined ? '' : ` published ${new Date(publishedAt).toISOString()}`;
  const often = deliveries === undefined ? '' : `, delivered ${deliveries} times`;
  return `${messageId}${when}${often}: ${contentOf(data)}`;
}

function contentOf(data: Buffer): string {
  const text = data.toString('utf8');
  try {
    const event = recommendationEventSchema.safeParse(JSON.parse(text));
    if (!event.success)
      return `not an event: ${event.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join('; ')}`;
    const { runId, executionKey, mode } = event.data;
    return `run ${runId}${executionKey === undefined ? '' : `, key ${executionKey}`}${mode === undefined ? '' : `, ${mode}`}`;
  } catch {
    return `not JSON: ${scrub(text.slice(0, 80))}`;
  }
}

function fullName(kind: 'subscriptions' | 'topics') {
  return (value: string): string => {
    if (new RegExp(`^projects/[^/]+/${kind}/[^/]+$`).test(value)) return value;
    throw new InvalidArgumentError(
      `write it as projects/PROJECT/${kind}/NAME; terraform output replay_dead_letters prints the whole command`,
    );
  };
}

function positive(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('it must be a whole number above 0');
}

if (import.meta.main) {
  const program = new Command('replay-dead-letters')
    .description(
      'Shows the messages in the dead-letter subscription; with --yes publishes them to the recommendations topic again',
    )
    .requiredOption('--subscription <name>', 'projects/PROJECT/subscriptions/NAME', fullName('subscriptions'))
    .requiredOption('--topic <name>', 'projects/PROJECT/topics/NAME', fullName('topics'))
    .option('--limit <count>', 'look at no more than this many', positive, 1000)
    .option('--yes', 'publish them again; without it nothing changes', false)
    .exitOverride();
  await runCommand(async () => {
    const { subscription, topic, limit, yes } = program.parse().opts();
    const emulatorHost = process.env.PUBSUB_EMULATOR_HOST;
    const letters = pubsubDeadLetters({ subscription, topic, ...(emulatorHost === undefined ? {} : { emulatorHost }) });
    const tell = (line: string) => void process.stdout.write(`${line}\n`);
    try {
      const { seen, published, refused } = await replayDeadLetters(letters, { yes, limit, tell });
      tell(
        yes
          ? `${published} of ${seen} published again${refused > 0 ? `, ${refused} refused and kept` : ''}`
          : `${seen} dead letters; nothing was changed. Add --yes to publish them again.`,
      );
      return refused > 0 ? 1 : 0;
    } finally {
      await letters.close();
    }
  });
}
