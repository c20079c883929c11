// Shows the steps of a command: live with spinners on a terminal, one line per step and a throttled line of progress elsewhere.

import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from 'listr2';

export type Step = {
  /** What is being done. */
  readonly title: string;
  /** `say` shows progress below the title; resolves to the title of the finished step. */
  readonly run: (say: (text: string) => void) => Promise<string>;
};

/** At most one line of progress in so many ms where nobody watches live. */
const plainEveryMs = 1000;

/** Runs the steps one after the other. Rejects with the error of the first that fails; later ones are not run. */
export async function runSteps(steps: readonly Step[], stream: NodeJS.WriteStream): Promise<void> {
  // A terminal of width 0 (some CI runners) would wrap every letter.
  if (stream.isTTY !== true || !(stream.columns > 0)) return runPlain(steps, stream);
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
  const list = new Listr(
    steps.map(({ title, run }) => ({
      title,
      task: async (_context: unknown, task: { output: string; title: string }) => {
        const done = await run((text) => {
          task.output = text;
        });
        task.title = done;
      },
    })),
    {
      // Its own handler would end the process before the local cloud is stopped.
      registerSignalListeners: false,
      rendererOptions: { logger, timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: false },
    },
  );
  await list.run();
}

async function runPlain(steps: readonly Step[], stream: NodeJS.WriteStream): Promise<void> {
  for (const { title, run } of steps) {
    const progress = throttled((text) => stream.write(`  ${text}\n`));
    try {
      const done = await run(progress.say);
      progress.end();
      stream.write(`✔ ${done}\n`);
    } catch (error) {
      progress.end();
      stream.write(`✖ ${title}\n`);
      throw error;
    }
  }
}

/** Passes on at most one text in `plainEveryMs`: the first at once, then the newest, also when no other follows it. */
function throttled(write: (text: string) => void): { say(text: string): void; end(): void } {
  let newest: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const pass = (): void => {
    timer = newest === undefined ? undefined : setTimeout(pass, plainEveryMs);
    if (newest !== undefined) write(newest);
    newest = undefined;
  };
  return {
    say(text) {
      newest = text;
      if (timer === undefined) pass();
    },
    end: () => clearTimeout(timer),
  };
}
