// The short series of readings kept with an execution for pictures. Pure.

const maxPoints = 200;

/**
 * The series with a point added, at most 200 of them and evenly spread over the run: when full every second one goes, and while the
 * last step is shorter than the others the newest point takes the last one's place.
 */
export function withPoint<T extends { readonly at: number }>(points: readonly T[], point: T): T[] {
  const [first] = points;
  const [beforeLast, last] = points.slice(-2);
  if (first !== undefined && beforeLast !== undefined && last !== undefined) {
    const usualStep = (beforeLast.at - first.at) / Math.max(1, points.length - 2);
    if (last.at - beforeLast.at < usualStep * 0.75) return [...points.slice(0, -1), point];
  }
  const added = [...points, point];
  return added.length <= maxPoints ? added : added.filter((_, index) => index % 2 === 0 || index === added.length - 1);
}
