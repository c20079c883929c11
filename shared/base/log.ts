// Structured log lines as Cloud Logging reads them; every notable moment has one name here, so that on-call can grep for it.

import pino from 'pino';

/** The catalogue: name, severity and what it means. A moment that is not listed cannot be logged. */
export const moments = {
  accepted: { severity: 'INFO', message: 'execution accepted' },
  planned: { severity: 'INFO', message: 'dry run planned; nothing was launched' },
  duplicate: { severity: 'INFO', message: 'request names an execution that is there already' },
  conflict: { severity: 'WARNING', message: 'same key with another payload refused' },
  rejected: { severity: 'WARNING', message: 'request rejected' },
  queued: { severity: 'INFO', message: 'execution waits for capacity' },
  launched: { severity: 'INFO', message: 'job launched' },
  adopted: { severity: 'WARNING', message: 'job found by name and adopted' },
  launchAmbiguous: { severity: 'WARNING', message: 'launch answer lost; looking the job up' },
  relaunch: { severity: 'WARNING', message: 'no job found after two look-ups; launching again under the same name' },
  superseded: { severity: 'NOTICE', message: 'another owner took over; this answer changes nothing' },
  running: { severity: 'INFO', message: 'job is running' },
  pollFailed: { severity: 'WARNING', message: 'job could not be read; asking again later' },
  stale: { severity: 'WARNING', message: 'job could not be read, nor looked up, for an hour' },
  attemptFailed: { severity: 'ERROR', message: 'attempt failed' },
  ended: { severity: 'INFO', message: 'execution ended' },
  cancelRequested: { severity: 'NOTICE', message: 'cancel requested' },
  published: { severity: 'INFO', message: 'outcome published' },
  concludeFailed: { severity: 'WARNING', message: 'a step after the end failed; trying again later' },
  settled: { severity: 'INFO', message: 'cost settled' },
  tick: { severity: 'INFO', message: 'tick done' },
  damaged: {
    severity: 'ERROR',
    message: 'a stored document does not fit its schema; it is left out until somebody mends it',
  },
  defect: { severity: 'ERROR', message: 'unexpected error' },
  requestFailed: { severity: 'WARNING', message: 'request failed for now; its caller asks again' },
  requestRefused: { severity: 'NOTICE', message: 'HTTP request refused' },
} as const satisfies Record<string, { severity: 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR'; message: string }>;

export type Moment = keyof typeof moments;

/** Only these fields may be logged: an allow-list, so that a secret cannot slip in with a whole object. */
export type LogFields = {
  readonly executionId?: string | undefined;
  readonly runId?: string | undefined;
  readonly load?: string | undefined;
  readonly jobId?: string | undefined;
  readonly jobName?: string | undefined;
  readonly attempt?: number | undefined;
  readonly status?: string | undefined;
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
  readonly count?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly costMicroUsd?: number | undefined;
  readonly trace?: string | undefined;
  readonly error?: unknown;
};

export type Log = (moment: Moment, fields?: LogFields) => void;

/** Cloud Logging's severities by pino's levels, and back. */
const levelOfSeverity = { INFO: 'info', NOTICE: 'notice', WARNING: 'warn', ERROR: 'error' } as const;
const severityOfLevel: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(levelOfSeverity).map(([severity, level]) => [level, severity]),
);

/** A log that writes one JSON line per moment to `write` (stdout by default): `severity`, `message`, `time` (RFC 3339), `moment` and the fields. */
export function createLog(write?: (line: string) => void): Log {
  const options: pino.LoggerOptions<'notice'> = {
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    customLevels: { notice: 35 },
    formatters: { level: (label) => ({ severity: severityOfLevel[label] ?? 'DEFAULT' }) },
  };
  const logger = write === undefined ? pino(options) : pino(options, { write });
  return (moment, fields = {}) => {
    const { error, trace, ...rest } = fields;
    logger[levelOfSeverity[moments[moment].severity]](
      {
        moment,
        ...rest,
        ...(trace === undefined ? {} : { 'logging.googleapis.com/trace': trace }),
        ...(error === undefined ? {} : { error: describeError(error) }),
      },
      moments[moment].message,
    );
  };
}

/** A log that says nothing, for simulations. */
export const silentLog: Log = () => {};

/** Name, code and message of an error; the stack only for defects, and never the cause's fields (SDK errors carry whole requests). */
export function describeError(error: unknown): { name: string; code?: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = 'code' in error ? String(error.code) : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: scrub(error.message),
    ...(code === undefined && error.stack !== undefined ? { stack: scrub(error.stack) } : {}),
  };
}

/** Takes passwords out of URLs and `password=…` pairs (`secret://…` is a name, none), and bearer tokens out of a text. Its time grows with the length of the text alone. */
export function scrub(text: string): string {
  return text
    .replace(beforeAt, withoutPassword)
    .replace(/((?:password|passwd|pwd|secret|token)["']?\s*[=:](?!\/\/)\s*["']?)[^\s"'&;,]+/gi, '$1***')
    .replace(/\b(?:ya29\.|eyJ)[\w.-]+/g, '***');
}

/** A whole stretch without blanks that ends in `@`. Tried at its first character alone: from each of them a long word would be read anew. */
const beforeAt = /(?<![^\s@])[^\s@]+@/g;

/** `jdbc:postgresql://loader:hunter2@` → `jdbc:postgresql://loader:***@`: what follows the first user of a URL, up to the `@`. */
function withoutPassword(stretch: string): string {
  const user = /(?<=\w):\/\/[^:/@]*:(?=[^@])/.exec(stretch);
  return user === null ? stretch : `${stretch.slice(0, user.index + user[0].length)}***@`;
}
