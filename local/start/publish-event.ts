// Publishes a recommendation event by Pub/Sub's REST call, as any producer would.

import type { RecommendationEvent } from '../../shared/schema/event.ts';

/** The id of the published message. Throws with the answer when the broker refuses it. */
export async function publishEvent(topicUrl: string, event: RecommendationEvent): Promise<string> {
  const data = Buffer.from(JSON.stringify(event)).toString('base64');
  const response = await fetch(`${topicUrl}:publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ data }] }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`publishing to ${topicUrl} answered ${response.status}: ${text.slice(0, 500)}`);
  const { messageIds } = JSON.parse(text) as { messageIds: string[] };
  return messageIds[0] ?? '';
}
