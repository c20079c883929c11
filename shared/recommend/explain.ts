// Why a candidate was chosen, in one paragraph for people: what it is, what it takes, what limits it, what the next best would cost or save.

import type { Mode } from '../schema/recommendation.ts';
import { objectiveOf, tieRatio } from './choose.ts';
import type { CandidateEstimate } from './estimate.ts';

export type ExplainInput = {
  readonly mode: Mode;
  readonly chosen: CandidateEstimate;
  readonly considered: number;
  readonly passing: number;
  readonly front: readonly CandidateEstimate[];
  /** Ordered by the mode's figure, best first. */
  readonly ranked: readonly CandidateEstimate[];
  readonly cheapest: CandidateEstimate;
  readonly fastest: CandidateEstimate;
};

const goals: Readonly<Record<Mode, string>> = {
  COST_OPTIMAL: 'cost',
  FAST_LOAD: 'time',
  BALANCED: 'cost x time',
};

const limits: Readonly<Record<string, string>> = {
  SOURCE: 'what the source delivers in all',
  CONNECTIONS: 'what its connections deliver',
  CPU: "the workers' CPU",
  NETWORK: "the workers' network",
  SINK: 'what the target takes in',
  STARTUP: 'start-up, which takes longer than the reading itself',
};

/** The paragraph. */
export function explain(input: ExplainInput): string {
  const { chosen, mode } = input;
  const rejected = input.considered - input.passing;
  const sentences = [
    `${describe(chosen)} ${merit(input)} ${goals[mode]} of ${input.passing} candidates${rejected > 0 ? ` (${rejected} more broke a guardrail)` : ''}, ${input.front.length} of them on the Pareto front.`,
    `Expected: ${duration(chosen.estimatedDurationSec)} (${duration(chosen.startupSec)} start-up${chosen.delaySec > 0 ? `, up to ${duration(chosen.delaySec)} FlexRS delay` : ''}) and ${usd(chosen.estimatedCostMicroUsd)}, limited by ${limits[chosen.bottleneck] ?? chosen.bottleneck}.`,
    bothLegs(chosen),
    learnt(chosen),
    nextBest(input),
    elsewhere(input),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function describe({ candidate, readers }: CandidateEstimate): string {
  const workers = `${candidate.workerCount} x ${candidate.machineType}`;
  const flex = candidate.flexRs === true ? ' on FlexRS' : '';
  return `${workers}${flex} reading ${candidate.shardCount} ranges, ${readers} at a time,`;
}

/** A tie is won by what is proven, or spares connections: then another candidate has a little less. */
function merit({ mode, chosen, ranked }: ExplainInput): string {
  const figure = objectiveOf(mode);
  const isLeast = ranked.every((other) => figure(chosen) <= figure(other));
  return isLeast ? 'has the least' : `is within ${Math.round((tieRatio - 1) * 100)} % of the least`;
}

function bothLegs({ secondLeg }: CandidateEstimate): string {
  if (secondLeg === undefined) return '';
  return `Both legs are counted: the second takes ${duration(secondLeg.estimatedDurationSec)} and ${usd(secondLeg.estimatedCostMicroUsd)} of that.`;
}

function learnt(chosen: CandidateEstimate): string {
  const { raw, samples } = chosen;
  if (samples === 0 && raw.runningSec === chosen.runningSec)
    return 'Nothing was learnt yet: no clean run of this load.';
  const running = raw.runningSec > 0 ? chosen.runningSec / raw.runningSec : 1;
  const startup = raw.startupSec > 0 ? chosen.startupSec / raw.startupSec : 1;
  const basis =
    samples === 0 ? 'runs on other machine families' : `${samples} clean run${samples === 1 ? '' : 's'} on this family`;
  return `Learnt from ${basis}: running time x ${running.toFixed(2)}, start-up x ${startup.toFixed(2)} of the uncorrected estimate.`;
}

function nextBest({ ranked, chosen }: ExplainInput): string {
  const next = ranked.find((other) => other !== chosen && isAnotherFleet(other, chosen));
  if (next === undefined) return 'No other candidate passes.';
  return `The next best, ${name(next)}, would ${difference(next, chosen)}.`;
}

/** Another number of ranges or threads on the same workers is no choice for people. */
const isAnotherFleet = (a: CandidateEstimate, b: CandidateEstimate): boolean =>
  a.candidate.machineType !== b.candidate.machineType || a.candidate.workerCount !== b.candidate.workerCount;

function elsewhere({ mode, chosen, cheapest, fastest }: ExplainInput): string {
  const others: string[] = [];
  if (mode !== 'COST_OPTIMAL' && cheapest !== chosen) {
    others.push(`the cheapest, ${name(cheapest)}, would ${difference(cheapest, chosen)}`);
  }
  if (mode !== 'FAST_LOAD' && fastest !== chosen) {
    others.push(`the fastest, ${name(fastest)}, would ${difference(fastest, chosen)}`);
  }
  const text = others.join('; ');
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const name = ({ candidate }: CandidateEstimate): string =>
  `${candidate.workerCount} x ${candidate.machineType}${candidate.flexRs === true ? ' (FlexRS)' : ''}`;

function difference(other: CandidateEstimate, chosen: CandidateEstimate): string {
  const money = other.estimatedCostMicroUsd - chosen.estimatedCostMicroUsd;
  const time = other.estimatedDurationSec - chosen.estimatedDurationSec;
  const cost =
    money === 0 ? 'cost the same' : `${money > 0 ? 'cost' : 'save'} ${usd(Math.abs(money))}${money > 0 ? ' more' : ''}`;
  const seconds =
    Math.abs(time) < 1 ? 'take as long' : `take ${duration(Math.abs(time))} ${time > 0 ? 'longer' : 'less'}`;
  return `${cost} and ${seconds}`;
}

/** Money for people: cents from a dollar up, four decimals below. */
export function usd(microUsd: number): string {
  const dollars = microUsd / 1e6;
  return `$${dollars >= 1 ? dollars.toFixed(2) : dollars.toFixed(4)}`;
}

/** Seconds for people: `47 s`, `7 min 12 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
