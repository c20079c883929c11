// The topics and subscriptions of the local cloud, by the names they have on Google Cloud.

import type { Topology } from '../broker/topology.ts';

export const localProject = 'local';
export const localRegion = 'us-central1';
export const recommendationsTopic = 'recommendations';
export const executionsTopic = 'executions';
export const onRecommendationSubscription = 'on-recommendation';

/**
 * `recommendations` is pushed to onRecommendation; outcomes and dead letters wait to be pulled. Back-off and deadline are those of a
 * machine, not of a fleet: the sum of the waits (about two minutes) still exceeds a lease with the local settings.
 */
export function localTopology(projectId: string): Topology {
  const deadLetters = `${recommendationsTopic}-dead-letters`;
  const pulled = { ackDeadlineMs: 60_000, minimumBackoffMs: 1000, maximumBackoffMs: 10_000 };
  return {
    projectId,
    topics: [recommendationsTopic, executionsTopic, deadLetters],
    subscriptions: [
      {
        name: onRecommendationSubscription,
        topic: recommendationsTopic,
        push: { maxInFlight: 8 },
        ackDeadlineMs: 60_000,
        minimumBackoffMs: 500,
        maximumBackoffMs: 10_000,
        deadLetter: { topic: deadLetters, maxDeliveryAttempts: 20 },
      },
      { name: executionsTopic, topic: executionsTopic, ...pulled },
      { name: deadLetters, topic: deadLetters, ...pulled },
    ],
  };
}
