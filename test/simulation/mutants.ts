// The engine broken on purpose, one rule of the protocol at a time: a simulation that does not notice proves nothing.

import type { Edit } from './bundle.ts';

export type Mutant = {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** True: it shows only when launch requests are later than the lease. */
  readonly late?: boolean;
};

const one = (name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  edits: [{ file, find, replace }],
});

export const mutants: readonly Mutant[] = [
  {
    name: 'a job name for each attempt',
    late: true,
    edits: [
      {
        file: 'shared/plan/plan-load.ts',
        find: 'const jobName = jobNameOf(load.name, target.executionId);',
        replace: "const jobName = jobNameOf(load.name, target.executionId) + '-a' + target.attempt;",
      },
    ],
  },
  one(
    'launch before the claim',
    'shared/engine/start.ts',
    'const claim = await claimExecution(deps, claimed());',
    `const early = claimed();
    await deps.jobs.launch(early.attempts[0].request, { deadlineMs: deps.settings.launchDeadlineMs });
    const claim = await claimExecution(deps, claimed());`,
  ),
  {
    name: 'relaunch without recording the intent',
    edits: [
      {
        file: 'shared/engine/recover.ts',
        find: 'const leased = await recordChange(deps, read, {',
        replace: 'const leased = unrecorded(deps, read, {',
      },
      {
        file: 'shared/engine/recover.ts',
        find: "import { currentAttempt } from '../schema/transition.ts';",
        replace: `import { currentAttempt, transition } from '../schema/transition.ts';
        const unrecorded = (deps, read, change) => {
          const value = transition(read.value, change, deps.clock.now());
          return value === undefined ? undefined : { value, version: read.version };
        };`,
      },
    ],
  },
  one(
    'relaunch without looking',
    'shared/engine/recover.ts',
    'const found = await lookUpJob(deps, execution, attempt);',
    "const found = { kind: 'absent' };",
  ),
  one(
    'look once instead of twice',
    'shared/engine/recover.ts',
    "if (found.kind === 'inconclusive' || attempt.notFoundAt === undefined) {",
    "if (found.kind === 'inconclusive') {",
  ),
  one(
    'second look without the margin for clocks',
    'shared/engine/recover.ts',
    'settings.listLagMs + 2 * settings.clockSkewMs;',
    'settings.listLagMs;',
  ),
  one(
    'take a partial list for proof',
    'shared/engine/look-up.ts',
    "return complete ? { kind: 'absent' } : { kind: 'inconclusive' };",
    "return { kind: 'absent' };",
  ),
  one(
    'adopt a job whenever it was created',
    'shared/engine/look-up.ts',
    '(job.createdAt === undefined || job.createdAt >= notBefore ? ours : older).push(withId);',
    'ours.push(withId);',
  ),
  one(
    'adopt by prefix of the name',
    'shared/engine/look-up.ts',
    'if (job.name !== attempt.jobName ||',
    'if (!job.name?.startsWith(attempt.jobName) ||',
  ),
  {
    name: 'drop the owner check of the claim',
    edits: [
      {
        file: 'shared/engine/start.ts',
        find: 'const ours = execution.owner !== undefined && read.value.owner === execution.owner;',
        replace: 'const ours = true;',
      },
      // Launching asks for the owner once more; both must go before anything can go wrong.
      { file: 'shared/engine/launch.ts', find: 'execution.owner !== owner || ', replace: '' },
    ],
  },
  one(
    'take over at the end of the lease instead of after it',
    'shared/engine/recover.ts',
    '!(now > execution.leaseUntil)',
    '!(now >= execution.leaseUntil)',
  ),
  one(
    'a lease without the lateness of requests',
    'shared/engine/settings.ts',
    'settings.launchDeadlineMs + settings.launchLatenessMs + 2 * settings.clockSkewMs',
    'settings.launchDeadlineMs',
  ),
  one(
    'launch however little of the lease is left',
    'shared/engine/launch.ts',
    'if (deps.clock.now() + launchInFlightMs(deps.settings) > execution.leaseUntil) {',
    'if (deps.clock.now() > execution.leaseUntil) {',
  ),
  one('acknowledge a pending launch', 'functions/settle.ts', "result.kind === 'pending' || ", ''),
  one(
    'acknowledge on ALREADY_EXISTS',
    'shared/engine/start.ts',
    "return settled(execution) ? { kind: 'accepted', execution, created: false } : { kind: 'pending', execution };",
    "return { kind: 'accepted', execution, created: false };",
  ),
  one(
    'drop the version fence',
    'shared/engine/record.ts',
    'await deps.ledger.replace(value, read.version);',
    'await deps.ledger.replace(value, (await deps.ledger.read(value.executionId))?.version ?? read.version);',
  ),
  one(
    'a cancel that does not wait for a launch under way',
    'shared/schema/transition.ts',
    "if (execution.status === 'QUEUED') {",
    "if (execution.status === 'QUEUED' || currentAttempt(execution)?.jobId === undefined) {",
  ),
  one(
    'a cancel that no tick tells',
    'shared/engine/poll.ts',
    'const told = await tellIfNeeded(deps, read, job);',
    'const told = read;',
  ),
  one(
    'a cancel told once, whatever comes of it',
    'shared/engine/cancel.ts',
    'if (obeys || deps.clock.now() - sentAt < deps.settings.cancelAgainMs) return read;',
    'return read;',
  ),
  one(
    'settle the cost by the last attempt alone',
    'shared/engine/settle-cost.ts',
    'const earlier = await readEarlier(deps, tools, value, now, late);',
    'const earlier = { execution: value, atRest: true };',
  ),
  one(
    'count places instead of naming who holds them',
    'shared/engine/capacity.ts',
    'running: { ...capacity.running, [executionId]: entry },',
    'running: { ...capacity.running, [executionId + ' + ' + Object.keys(capacity.running).length]: entry },',
  ),
  {
    name: 'release twice',
    edits: [
      {
        file: 'shared/engine/capacity.ts',
        find: 'if (alive.ended[executionId] !== undefined) return undefined;',
        replace: '',
      },
      {
        file: 'shared/engine/capacity.ts',
        find: '...withoutPlace(alive, executionId),',
        replace: '...withoutPlace(alive, executionId in alive.running ? executionId : Object.keys(alive.running)[0]),',
      },
    ],
  },
  one(
    'forget who has ended',
    'shared/engine/capacity.ts',
    "if (alive.ended[want.executionId] !== undefined)\n    return { capacity: alive, admitted: false, reason: 'the execution has ended' };",
    '',
  ),
  one(
    'join the queue although told not to',
    'shared/engine/capacity.ts',
    'const stays = waiting === alive.waiting || want.joinsQueue === false || isFull;',
    'const stays = waiting === alive.waiting;',
  ),
  {
    // Either rule alone is enough against what is simulated here; the engine had neither until seed 137,872.
    name: 'a place for the length of a lease for whoever will not queue',
    edits: [
      {
        file: 'shared/engine/capacity.ts',
        find: 'if (held !== undefined && want.joinsQueue === false) return keepPlace(alive, held, want, now);',
        replace: '',
      },
      {
        file: 'shared/engine/capacity.ts',
        find: "if (held !== undefined && held.attempt > want.attempt)\n    return { capacity: alive, admitted: false, reason: 'a later attempt holds the place' };",
        replace: '',
      },
    ],
  },
  one('times with fractions', 'shared/engine/schedule.ts', 'Math.round(pollYoungMs / 2)', 'pollYoungMs / 2'),
  one(
    'mark the outcome published whether it was or not',
    'shared/engine/conclude.ts',
    'if (done === true) conclusion[mark] = deps.clock.now();\n    else failed = true;',
    'conclusion[mark] = deps.clock.now();',
  ),
];
