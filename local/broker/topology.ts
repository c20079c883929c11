// What a broker serves: topics and subscriptions by name, in Pub/Sub's words.

/** A subscription without `push` is pulled. */
export type Subscription = {
  readonly name: string;
  readonly topic: string;
  /** Every message is POSTed to `endpoint`, or kept until one is given; at most `maxInFlight` at a time. */
  readonly push?: { readonly endpoint?: string; readonly maxInFlight: number };
  /** How long a receiver may take before a message counts as not acknowledged. */
  readonly ackDeadlineMs: number;
  /** The wait before the second delivery, doubled each time up to the maximum (Pub/Sub's retryPolicy). */
  readonly minimumBackoffMs: number;
  readonly maximumBackoffMs: number;
  /** After so many deliveries the message goes to that topic instead (Pub/Sub's deadLetterPolicy). */
  readonly deadLetter?: { readonly topic: string; readonly maxDeliveryAttempts: number };
};

export type Topology = {
  readonly projectId: string;
  readonly topics: readonly string[];
  readonly subscriptions: readonly Subscription[];
};

/** The full resource name, as push bodies and errors carry it. */
export const topicPath = (projectId: string, topic: string): string => `projects/${projectId}/topics/${topic}`;

/** The full resource name, as push bodies and errors carry it. */
export const subscriptionPath = (projectId: string, subscription: string): string =>
  `projects/${projectId}/subscriptions/${subscription}`;

/** The wait after delivery number `attempt` (1 for the first) was not acknowledged, in ms. */
export function backoffMs(subscription: Subscription, attempt: number): number {
  return Math.min(subscription.minimumBackoffMs * 2 ** (attempt - 1), subscription.maximumBackoffMs);
}
