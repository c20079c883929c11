// A rung of the ladder: what the next attempt is to change, or why there is none; and what is known when it is chosen.

import type { Candidate } from '../schema/candidate.ts';
import type { Failure } from '../schema/execution.ts';

/** An attempt that failed: of what, and what it had asked for. */
export type Past = Pick<Failure, 'class' | 'code'> & {
  readonly machineType: string;
  readonly launcherMachineType?: string;
  /** It ran without a pinned worker zone. */
  readonly anyZone: boolean;
};

export type LadderInput = {
  /** All attempts so far, oldest first; the last one is that whose failure is to be answered. */
  readonly past: readonly Past[];
  /** The last attempt's. */
  readonly candidate: Candidate;
  /** The disk each worker of the last attempt had. */
  readonly diskSizeGb: number;
  readonly region: string;
  /** Families in the order of preference; those the policy allows. */
  readonly allowedFamilies?: readonly string[];
};

export type Retry = {
  readonly kind: 'retry';
  readonly action: string;
  readonly reason: string;
  readonly candidate: Candidate;
  /** A bigger disk for each worker. */
  readonly diskSizeGb?: number;
  readonly waitMs: number;
};

export type GiveUp = { readonly kind: 'give-up'; readonly reason: string };

/** `anyZone`: no worker zone may be pinned in the next attempt. */
export type Rung = (Retry & { readonly anyZone: boolean }) | GiveUp;

/** Google prescribes a retry loop on stockouts; the first wait is short because the next attempt asks for something else. */
export const capacityWaitMs = 60_000;
export const quotaWaitMs = 300_000;

/** Tries `candidate` next; `action` says what is new about it in a few words. */
export function retry(candidate: Candidate, action: string, reason: string, waitMs: number): Retry {
  return { kind: 'retry', action, reason, candidate, waitMs };
}

export const giveUp = (reason: string): GiveUp => ({ kind: 'give-up', reason });
