// Pub/Sub by its REST API, as small as the suites need it: topics, subscriptions, publish, pull, acknowledge.

export type PulledMessage = {
  readonly ackId: string;
  readonly message: {
    readonly data?: string;
    readonly attributes?: Readonly<Record<string, string>>;
    readonly messageId: string;
    readonly orderingKey?: string;
  };
};

export type PubsubRest = {
  createTopic(topic: string): Promise<void>;
  /** `settings` in the API's own words (pushConfig, retryPolicy, deadLetterPolicy, ...); `deadLetterTopic` by its short name. */
  createSubscription(name: string, topic: string, settings?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Answers the message ids, in the order of `messages`. */
  publish(topic: string, messages: readonly { readonly data: unknown }[]): Promise<string[]>;
  /** Up to `maxMessages`, at once: an empty list says that nothing is there. */
  pull(subscription: string, maxMessages: number): Promise<PulledMessage[]>;
  acknowledge(subscription: string, ackIds: readonly string[]): Promise<void>;
  /** The full name of a topic. */
  topicName(topic: string): string;
};

/** A client of the emulator at `address` (host:port) for one project. Every answer but 2xx is an Error with the answer's text. */
export function pubsubRest(address: string, projectId: string): PubsubRest {
  const base = `http://${address}/v1/projects/${projectId}`;
  const call = async (method: 'PUT' | 'POST', path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${base}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const topicName = (topic: string) => `projects/${projectId}/topics/${topic}`;
  return {
    topicName,
    async createTopic(topic) {
      await call('PUT', `topics/${topic}`, {});
    },
    async createSubscription(name, topic, settings = {}) {
      await call('PUT', `subscriptions/${name}`, { topic: topicName(topic), ...settings });
    },
    async publish(topic, messages) {
      const encoded = messages.map(({ data }) => ({ data: Buffer.from(JSON.stringify(data)).toString('base64') }));
      const { messageIds } = await call('POST', `topics/${topic}:publish`, { messages: encoded });
      return messageIds as string[];
    },
    async pull(subscription, maxMessages) {
      const answer = await call('POST', `subscriptions/${subscription}:pull`, { maxMessages, returnImmediately: true });
      return (answer.receivedMessages ?? []) as PulledMessage[];
    },
    async acknowledge(subscription, ackIds) {
      if (ackIds.length > 0) await call('POST', `subscriptions/${subscription}:acknowledge`, { ackIds });
    },
  };
}
