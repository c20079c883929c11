// What asks for a start, in one shape whatever brought it, and what starting answered.

import type { Violation } from '../base/errors.ts';
import { payloadHashOf } from '../base/ids.ts';
import type { Candidate } from '../schema/candidate.ts';
import type { Overrides } from '../schema/event.ts';
import type { Execution } from '../schema/execution.ts';
import type { Plan } from '../schema/plan.ts';
import type { Mode } from '../schema/recommendation.ts';

export type StartRequest = {
  readonly runId: string;
  readonly executionKey?: string;
  readonly mode?: Mode;
  readonly overrides?: Overrides;
  /** Present for `{candidate, load}` and `{load}`: no recommendation document is read. */
  readonly direct?: { readonly load: string; readonly candidate?: Candidate };
  readonly dryRun?: boolean;
  readonly validateOnly?: boolean;
  /** False: a full budget is answered as busy instead of queueing. */
  readonly queue: boolean;
  readonly trigger: 'event' | 'http' | 'chain';
  /** When the message was published (epoch ms): how long a missing recommendation is waited for. */
  readonly requestedAt?: number;
  readonly parentId?: string;
};

export type StartResult =
  /** The execution is in the record and its launch is decided: submitted, queued, ended. `created`: by this call. */
  | { readonly kind: 'accepted'; readonly execution: Execution; readonly created: boolean }
  /** The execution is in the record and somebody (perhaps this call) could not finish its launch: ask again. */
  | { readonly kind: 'pending'; readonly execution: Execution }
  | {
      readonly kind: 'planned';
      readonly executionId: string;
      readonly plan: Plan;
      readonly secondLeg?: Plan;
      readonly validatedBy?: 'dataflow';
    }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectionReason;
      readonly violations: readonly Violation[];
      readonly execution?: Execution;
    }
  /** The key names an execution of another payload. */
  | { readonly kind: 'conflict'; readonly execution: Execution }
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterSec: number }
  /** The recommendation is not there yet. */
  | { readonly kind: 'missing'; readonly runId: string };

export type RejectionReason =
  | 'unknown-run'
  | 'unknown-load'
  | 'not-allowed'
  | 'invalid-recommendation'
  | 'plan'
  | 'guardrails'
  | 'budget'
  | 'config'
  | 'unreadable'
  /** Recorded as REJECTED, by this request or by the one it repeats: Dataflow refused the launch, or a bound did. */
  | 'refused';

/** The hash two requests must share to be the same wish; who delivered it and how long it may wait are not part of it. */
export function requestHash(request: StartRequest): string {
  return payloadHashOf({
    runId: request.runId,
    executionKey: request.executionKey,
    mode: request.mode,
    overrides: request.overrides,
    direct: request.direct,
  });
}
