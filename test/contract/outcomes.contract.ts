// What every Outcomes must do: each event arrives as JSON with CloudEvents attributes, at least once, in order per execution.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcomes, OutgoingEvent } from '../../shared/engine/ports.ts';
import { someTime } from '../support/execution.ts';

export type ReceivedEvent = {
  readonly data: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
};

export type OutcomesUnderTest = {
  readonly outcomes: Outcomes;
  /** The next `count` messages of the topic, in the order they were published. */
  receive(count: number): Promise<readonly ReceivedEvent[]>;
  /** The same technology without the topic. */
  readonly withoutTopic: Outcomes;
  close(): Promise<void>;
};

const anEvent = (fields: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  eventId: 'exe-1/execution.succeeded',
  type: 'execution.succeeded',
  orderingKey: 'exe-1',
  time: someTime,
  data: { executionId: 'exe-1', status: 'SUCCEEDED', note: 'Grüße', rows: { read: 5, written: 5 } },
  ...fields,
});

export function outcomesContract(name: string, makeTopic: () => Promise<OutcomesUnderTest>): void {
  describe(`Outcomes on ${name}`, () => {
    let topic: OutcomesUnderTest;
    beforeEach(async () => {
      topic = await makeTopic();
    });
    afterEach(() => topic.close());

    test('two topics do not see each other', async () => {
      const other = await makeTopic();
      await topic.outcomes.publish(anEvent({ data: { from: 'first' } }));
      await other.outcomes.publish(anEvent({ data: { from: 'second' } }));
      expect((await topic.receive(1))[0]?.data).toEqual({ from: 'first' });
      expect((await other.receive(1))[0]?.data).toEqual({ from: 'second' });
      await other.close();
    });

    test('an event arrives as JSON with the attributes of a binary CloudEvent', async () => {
      await topic.outcomes.publish(anEvent());
      const [received] = await topic.receive(1);
      expect(received?.data).toEqual(anEvent().data);
      expect(received?.orderingKey).toBe('exe-1');
      expect(received?.attributes).toMatchObject({
        'ce-specversion': '1.0',
        'ce-id': 'exe-1/execution.succeeded',
        'ce-type': 'execution.succeeded',
        'ce-source': expect.stringContaining('exe-1'),
        'ce-time': '2026-01-02T03:04:05.000Z',
        'content-type': 'application/json',
      });
    });

    test('an event published twice arrives under one event id, so that a consumer can tell', async () => {
      await topic.outcomes.publish(anEvent());
      await topic.outcomes.publish(anEvent());
      const received = await topic.receive(2);
      expect(new Set(received.map(({ attributes }) => attributes['ce-id']))).toEqual(new Set([anEvent().eventId]));
    });

    test('events of one execution arrive in the order they were published', async () => {
      const numbers = [1, 2, 3, 4, 5];
      for (const number of numbers) await topic.outcomes.publish(anEvent({ eventId: `e${number}`, data: { number } }));
      const received = await topic.receive(numbers.length);
      expect(received.map(({ data }) => data)).toEqual(numbers.map((number) => ({ number })));
    });

    test('a topic that does not exist is an error of the catalogue, and the next publish still works', async () => {
      await expect(topic.withoutTopic.publish(anEvent())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await topic.outcomes.publish(anEvent());
      expect(await topic.receive(1)).toHaveLength(1);
    });
  });
}
