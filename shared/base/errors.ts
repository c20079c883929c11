// The one error class adapters throw, and its code table: every code says whether trying again can help.

/** Every code an adapter may throw. `retry` is the default disposition; design invariant 9: default is retry, permanence is explicit. */
export const errorCodes = {
  ALREADY_EXISTS: { retry: 'never', meaning: 'the thing to create is there already' },
  INVALID_ARGUMENT: { retry: 'never', meaning: 'the service refused the request as malformed' },
  PERMISSION_DENIED: { retry: 'never', meaning: 'the caller lacks a permission' },
  NOT_FOUND: { retry: 'never', meaning: 'the thing named does not exist' },
  FAILED_PRECONDITION: { retry: 'never', meaning: 'the thing is not in a state that allows this' },
  RESOURCE_EXHAUSTED: { retry: 'later', meaning: 'a quota or rate limit was hit' },
  UNAVAILABLE: { retry: 'later', meaning: 'the service could not be reached or dropped the call' },
  DEADLINE_EXCEEDED: { retry: 'later', meaning: 'no answer came in time' },
  ABORTED: { retry: 'later', meaning: 'the call lost a race' },
  CORRUPT_RECORD: { retry: 'never', meaning: 'a stored document does not fit its schema' },
  CONFIG: { retry: 'never', meaning: 'the configuration is wrong' },
  UNKNOWN: { retry: 'later', meaning: 'the service answered with something unforeseen' },
} as const satisfies Record<string, { retry: 'never' | 'later'; meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** One problem of a template parameter, in the service's own violation shape (google.dataflow.v1beta3.InvalidTemplateParameters). */
export type ParameterViolation = { readonly parameter: string; readonly description: string };

/**
 * What adapters throw, translated at the call with the SDK's error kept as `cause`.
 * Anything else that is thrown is a defect: retried until the dead-letter topic has it.
 */
export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly violations: readonly ParameterViolation[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; violations?: readonly ParameterViolation[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.violations = options.violations ?? [];
  }

  /** Whether the same call may succeed later. */
  get retry(): 'never' | 'later' {
    return errorCodes[this.code].retry;
  }
}

/** True for an EngineError with one of the given codes (any code when none is given). */
export function isEngineError(error: unknown, ...codes: ErrorCode[]): error is EngineError {
  return error instanceof EngineError && (codes.length === 0 || codes.includes(error.code));
}

/** One reason of a rejection: a value, never thrown. `path` names the offending field in JSON pointer form. */
export type Violation = {
  readonly code: string;
  readonly path: string;
  readonly message: string;
};
