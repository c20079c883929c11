// Measures how unevenly equal-width ranges of a column would hold its rows, from the catalogue's equi-depth histogram.

import type { ProfileColumn } from '../schema/profile.ts';

export type Skew = {
  /** Rows of the fullest range over the mean: 1 is even, `ranges` means everything stands in one range. */
  readonly ratio: number;
  /** Share of all rows in the fullest range, 0..1. */
  readonly fullestShare: number;
};

/**
 * The skew of `ranges` equal-width ranges between the histogram's ends; undefined when there is no histogram of numbers or times. Rows
 * are taken as spread evenly inside a histogram bucket, which is all the catalogue knows.
 */
export function measureSkew(
  column: Pick<ProfileColumn, 'histogram'>,
  kind: 'long' | 'datetime',
  ranges: number,
): Skew | undefined {
  const bounds = (column.histogram ?? []).map((bound) => positionOf(bound, kind));
  if (bounds.length < 2 || ranges < 1 || bounds.some((bound) => bound === undefined)) return undefined;
  const edges = bounds.filter((bound) => bound !== undefined).sort((left, right) => left - right);
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  if (high <= low) return { ratio: 1, fullestShare: 1 };
  const perBucket = 1 / (edges.length - 1);
  const width = (high - low) / ranges;
  const shares = new Array<number>(ranges).fill(0);
  for (let bucket = 0; bucket + 1 < edges.length; bucket++) {
    spread(shares, { from: edges[bucket] ?? low, to: edges[bucket + 1] ?? high, share: perBucket }, low, width);
  }
  const fullestShare = Math.min(
    1,
    shares.reduce((most, share) => Math.max(most, share), 0),
  );
  return { ratio: fullestShare * ranges, fullestShare };
}

function spread(
  shares: number[],
  bucket: { from: number; to: number; share: number },
  low: number,
  width: number,
): void {
  const last = shares.length - 1;
  const indexOf = (value: number) => Math.min(last, Math.max(0, Math.floor((value - low) / width)));
  const first = indexOf(bucket.from);
  const length = bucket.to - bucket.from;
  if (length <= 0) {
    shares[first] = (shares[first] ?? 0) + bucket.share;
    return;
  }
  for (let index = first; index <= indexOf(bucket.to); index++) {
    const from = Math.max(bucket.from, low + index * width);
    const to = index === last ? bucket.to : Math.min(bucket.to, low + (index + 1) * width);
    if (to > from) shares[index] = (shares[index] ?? 0) + (bucket.share * (to - from)) / length;
  }
}

function positionOf(text: string, kind: 'long' | 'datetime'): number | undefined {
  const trimmed = text.trim();
  if (kind === 'long') {
    const value = Number(trimmed);
    return trimmed !== '' && Number.isFinite(value) ? value : undefined;
  }
  const iso = trimmed.replace(' ', 'T').replace(/(T.*[+-]\d{2})$/, '$1:00');
  const millis = Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(iso) || iso.length <= 10 ? iso : `${iso}Z`);
  return Number.isNaN(millis) ? undefined : millis;
}
