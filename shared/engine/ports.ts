// The ports of the engine: roles, not technologies. Every implementation passes the contract suites in test/contract.

import type { EngineError } from '../base/errors.ts';
import type { Execution, ExecutionStatus } from '../schema/execution.ts';
import type { AutoscalingEvent, Job, JobMessage, JobMetric } from '../schema/job.ts';
import type { EffectiveLoad } from '../schema/load-config.ts';
import type { LaunchRequest } from '../schema/plan.ts';
import type { TableProfile } from '../schema/profile.ts';
import type { Recommendation } from '../schema/recommendation.ts';

/** A stored document with the version it was read at; versions are opaque and only ever compared by the store. */
export type Versioned<T> = { readonly value: T; readonly version: string };

/** What a compare-and-set did. `conflict`: the version was not the one named; nothing was written. */
export type Replaced = { readonly kind: 'applied'; readonly version: string } | { readonly kind: 'conflict' };

/** What a create did. `exists`: a document is there already - possibly our own write, retried silently by the SDK: read it and compare. */
export type Created = { readonly kind: 'created'; readonly version: string } | { readonly kind: 'exists' };

export type ExecutionPage = {
  readonly executions: readonly Versioned<Execution>[];
  readonly nextPageToken?: string;
  /** Documents of this page that do not fit their schema, CORRUPT_RECORD each: left out, so that one of them hides no other. */
  readonly damaged?: readonly EngineError[];
};

/**
 * The store of executions. Every write names the version it read. Any thrown write error is ambiguous: it may have been applied.
 */
export type Ledger = {
  create(execution: Execution): Promise<Created>;
  read(executionId: string): Promise<Versioned<Execution> | undefined>;
  replace(execution: Execution, version: string): Promise<Replaced>;
  /** Executions with `nextCheckAt <= now`, oldest first, after `pageToken`. */
  due(query: { readonly now: number; readonly pageSize: number; readonly pageToken?: string }): Promise<ExecutionPage>;
  /** Executions newest first, filtered. */
  list(query: {
    readonly status?: ExecutionStatus;
    readonly load?: string;
    readonly pageSize: number;
    readonly pageToken?: string;
  }): Promise<ExecutionPage>;
};

/** A small document of one kind that is only ever changed by compare-and-set: capacity, cohorts, idempotency answers, profiles. */
export type DocumentKind = 'capacity' | 'cohorts' | 'idempotency' | 'profiles' | 'spend';
export type Documents = {
  read(kind: DocumentKind, id: string): Promise<Versioned<unknown> | undefined>;
  /** `version` undefined: create, answers `conflict` when it exists. `expiresAt` (epoch ms) lets the store delete it some time after. */
  write(
    kind: DocumentKind,
    id: string,
    value: unknown,
    version: string | undefined,
    options?: { readonly expiresAt?: number },
  ): Promise<Replaced>;
};

export type Recommendations = {
  /** Undefined: not there (yet). Throws CORRUPT_RECORD naming every bad field when it does not fit its schema. */
  read(runId: string): Promise<Recommendation | undefined>;
  /** Creates or, when equal, leaves the document; `conflict` when another one has that runId. */
  write(recommendation: Recommendation): Promise<'written' | 'conflict'>;
};

export type JobLocation = { readonly projectId: string; readonly region: string };

export type JobPage = {
  readonly jobs: readonly Job[];
  /** False: the service left locations out (`failedLocation`), so "not in the list" proves nothing. */
  readonly complete: boolean;
  readonly nextPageToken?: string;
};

/** Dataflow. No call is retried by the adapter or the client. */
export type Jobs = {
  /** Sends the launch once. Returns the job (fields may be missing), or undefined when the answer held none. */
  launch(request: LaunchRequest, options: { readonly deadlineMs: number }): Promise<Job | undefined>;
  list(
    query: JobLocation & { readonly filter: 'ALL' | 'ACTIVE'; readonly name?: string; readonly pageToken?: string },
  ): Promise<JobPage>;
  /** Undefined: 404, which during start-up does not mean "gone". */
  get(query: JobLocation & { readonly jobId: string }): Promise<Job | undefined>;
  metrics(query: JobLocation & { readonly jobId: string }): Promise<readonly JobMetric[]>;
  messages(
    query: JobLocation & { readonly jobId: string; readonly minimumImportance: 'DETAILED' | 'BASIC' | 'WARNING' },
  ): Promise<{ readonly messages: readonly JobMessage[]; readonly autoscaling: readonly AutoscalingEvent[] }>;
  /** `not-ready`: too early, ask again; `ended`: it had ended already. */
  cancel(query: JobLocation & { readonly jobId: string }): Promise<'accepted' | 'not-ready' | 'ended'>;
};

/** What the world is told, at least once. `eventId` is equal on republish, `orderingKey` is the execution id. */
export type OutgoingEvent = {
  readonly eventId: string;
  readonly type: string;
  readonly orderingKey: string;
  readonly time: number;
  readonly data: Readonly<Record<string, unknown>>;
};
export type Outcomes = { publish(event: OutgoingEvent): Promise<void> };

/** Asks a source's catalogue about a table. Throws EngineError UNAVAILABLE / PERMISSION_DENIED / NOT_FOUND (no such table). */
export type Profiler = {
  profile(load: EffectiveLoad, options?: { readonly warmUp?: boolean }): Promise<TableProfile>;
};

/** Unique tokens for ownership; random in production, seeded in simulations. */
export type Tokens = { next(): string };
