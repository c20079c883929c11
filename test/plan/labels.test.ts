// Labels of a job are always legal, whatever a load, run or user is called.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { jobLabels } from '../../shared/plan/labels.ts';

const own = { executionId: 'exe-1', attempt: 1, load: 'orders', runId: 'run-1' };
const labelsOf = (user: Record<string, string>, more: Partial<typeof own> = {}) =>
  jobLabels({ ...own, ...more }, user, '/labels');

describe('labels', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });

  property.prop([text, text, fc.dictionary(text, text, { maxKeys: 80 })])(
    'are legal or refused, for any text',
    (load, runId, user) => {
      const { labels, violations } = labelsOf(user, { load, runId });
      for (const [key, value] of Object.entries(labels)) {
        expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
        expect(value).toMatch(/^[a-z0-9_-]{0,63}$/);
      }
      expect(Object.keys(labels).length <= 61 || violations.length > 0).toBe(true);
    },
  );

  test('of the user are sanitised, with a word about it', () => {
    const { labels, warnings } = labelsOf({ Team: 'Data Platform', été: 'Ça' });
    expect(labels).toMatchObject({ team: 'data-platform', ete: 'ca', 'streamnova-load': 'orders' });
    expect(warnings).toHaveLength(2);
  });

  test.each([
    ['goog-anything', 'Google'],
    ['streamnova-run', 'the engine'],
    ['123', 'at least one letter'],
  ])('the key %s is refused', (key, reason) => {
    expect(labelsOf({ [key]: 'x' }).violations).toEqual([
      expect.objectContaining({ message: expect.stringContaining(reason) }),
    ]);
  });

  test('more than 61 are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, 'v']));
    expect(labelsOf(many).violations).toEqual([
      expect.objectContaining({ message: expect.stringContaining('at most 61') }),
    ]);
  });
});
