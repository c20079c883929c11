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
    let lastAt = 0;
    try {
      const done = await run((text) => {
        const now = Date.now();
        if (now - lastAt < plainEveryMs) return;
        lastAt = now;
        stream.write(`  ${text}\n`);
      });
      stream.write(`✔ ${done}\n`);
    } catch (error) {
      stream.write(`✖ ${title}\n`);
      throw error;
    }
  }
}
