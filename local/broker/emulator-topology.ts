// Makes topics and subscriptions on Google's Pub/Sub emulator by its REST API, as far as it knows their settings.

import { connect } from 'node:net';
import { UsageError } from '../usage-error.ts';
import { type Subscription, subscriptionPath, type Topology, topicPath } from './topology.ts';

export type EmulatorTopology = {
  /** Makes what is missing and brings the settings of the rest up to date. Messages that wait there stay. */
  make(): Promise<void>;
  /** Pushes the messages of a subscription to `endpoint`; undefined: keeps them. */
  pushTo(subscription: string, endpoint: string | undefined): Promise<void>;
};

const answerWithinMs = 10_000;
/** What may change after a subscription was made. */
const changeable = 'ack_deadline_seconds,retry_policy,dead_letter_policy';

/** `host` is host:port. Every call rejects with what the emulator answered. */
export function createEmulatorTopology(host: string, { projectId, topics, subscriptions }: Topology): EmulatorTopology {
  const call = async (method: 'GET' | 'PUT' | 'PATCH' | 'POST', path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`http://${host}/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const text = await response.text();
    if (!response.ok && !(method === 'PUT' && response.status === 409)) {
      const problem = `${method} ${path} answered ${response.status}: ${text.slice(0, 500).replaceAll(/\s+/g, ' ')}`;
      throw new UsageError(`the Pub/Sub emulator at ${host} does not do what it should: ${problem}`);
    }
    return { exists: response.status === 409, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };

  const makeSubscription = async (subscription: Subscription): Promise<void> => {
    const name = subscriptionPath(projectId, subscription.name);
    const { exists } = await call('PUT', name, settingsOf(projectId, subscription));
    if (!exists) return;
    const { topic, pushConfig } = (await call('GET', name)).body;
    const wanted = topicPath(projectId, subscription.topic);
    if (topic !== wanted) {
      throw new UsageError(
        `${name} on the Pub/Sub emulator at ${host} is a subscription to ${topic}, not to ${wanted}; delete it, or restart the emulator`,
      );
    }
    await refuseIfServed(host, name, pushConfig?.pushEndpoint);
    await call('PATCH', name, {
      subscription: { name, ...settingsOf(projectId, subscription) },
      updateMask: changeable,
    });
  };

  return {
    async make() {
      for (const topic of topics) await call('PUT', topicPath(projectId, topic), {});
      for (const subscription of subscriptions) await makeSubscription(subscription);
    },
    async pushTo(subscription, endpoint) {
      const pushConfig = endpoint === undefined ? {} : { pushEndpoint: endpoint };
      await call('POST', `${subscriptionPath(projectId, subscription)}:modifyPushConfig`, { pushConfig });
    },
  };
}

type Answer = {
  readonly exists: boolean;
  readonly body: { readonly topic?: string; readonly pushConfig?: { readonly pushEndpoint?: string } };
};

/** The same subscription in the words of the API. Ordering is on, as the broker of the local cloud always orders. */
function settingsOf(projectId: string, subscription: Subscription) {
  const { topic, ackDeadlineMs, minimumBackoffMs, maximumBackoffMs, deadLetter } = subscription;
  return {
    topic: topicPath(projectId, topic),
    ackDeadlineSeconds: ackDeadlineMs / 1000,
    retryPolicy: { minimumBackoff: `${minimumBackoffMs / 1000}s`, maximumBackoff: `${maximumBackoffMs / 1000}s` },
    enableMessageOrdering: true,
    ...(deadLetter === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: topicPath(projectId, deadLetter.topic),
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
          },
        }),
  };
}

/** A local cloud that ended took its endpoint back, or nobody listens there any more: then the events are ours to take. */
async function refuseIfServed(host: string, subscription: string, endpoint: string | undefined): Promise<void> {
  if (endpoint === undefined || endpoint === '' || !(await isListening(new URL(endpoint)))) return;
  throw new UsageError(
    `another local cloud takes the events of the Pub/Sub emulator at ${host} (${subscription} is pushed to ${endpoint}); stop it, or name another project for this one with GOOGLE_CLOUD_PROJECT`,
  );
}

function isListening({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 1000 });
    const end = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
