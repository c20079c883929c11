// placeholder
import type { PrepareLoad } from './job-runner.ts';
import type { ResolveSecret } from './secret-version.ts';
import type { Buckets } from './storage.ts';
import type { Warehouse } from './warehouse.ts';
export function createPrepareLoad(_: {
  buckets: Buckets;
  warehouse: Warehouse;
  resolveSecret: ResolveSecret | undefined;
}): PrepareLoad {
  return async () => {
    throw new Error('not yet');
  };
}
