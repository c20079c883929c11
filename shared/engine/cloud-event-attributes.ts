// How an outgoing event is labelled on Pub/Sub: CloudEvents in binary mode are six attributes.

import type { OutgoingEvent } from './ports.ts';

/** The `ce-*` attributes of a CloudEvent in Pub/Sub's binary binding. */
export function cloudEventAttributes(event: OutgoingEvent): Record<string, string> {
  return {
    'ce-specversion': '1.0',
    'ce-id': event.eventId,
    'ce-type': event.type,
    'ce-source': `//streamnova/executions/${event.orderingKey}`,
    'ce-time': new Date(event.time).toISOString(),
    'content-type': 'application/json',
  };
}
