// What a template builder is given and what it answers: the pieces of a plan that depend on source and target.

import type { Violation } from '../../base/errors.ts';
import type { EffectiveLoad } from '../../schema/load-config.ts';
import type { PlanTarget } from '../../schema/plan.ts';
import type { TableProfile } from '../../schema/profile.ts';

export type RouteInput = {
  readonly load: EffectiveLoad;
  readonly profile: TableProfile | undefined;
  readonly target: PlanTarget;
  /** Ranges, after connection limits. */
  readonly shardCount: number;
  /** Where this attempt's temporary files go. */
  readonly tempLocation: string;
};

export type Route = {
  readonly templateName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly readMode: 'split' | 'query' | 'files';
  /** The columns the template splits by count one more range than asked for, for times (Beam's JdbcUtil). */
  readonly columnType?: 'long' | 'datetime';
  readonly steps: readonly string[];
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
};
