// An error that a person can act on: shown as its text alone, and the program ends with exit code 2.

/** Wrong usage or configuration of a command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
