// What a hostile or broken sender can send: texts, values, events and envelopes that are wrong in every way somebody thought of.

import fc from 'fast-check';

/** Texts that have broken something somewhere: paths, reserved names, prototypes, halves of characters, controls, sizes. */
export const nastyTexts = [
  '',
  ' ',
  '.',
  '..',
  '/',
  'a/b/c',
  '../../executions/x',
  '__x__',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e999',
  '\u0000',
  'a\nb',
  '\u202eevil',
  '\ud800',
  '\udc00x',
  'Grüße 🚚',
  'ﬃ',
  'ＡＢＣ',
  "'; DROP TABLE executions; --",
  '$'.concat('{jndi:ldap://x}'),
  '<script>alert(1)</script>',
  'x'.repeat(256),
  'x'.repeat(257),
  '🚚'.repeat(200),
  'ä'.repeat(5_000),
];

export const nastyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nastyTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 64 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 64 }) },
);

/** Any JSON value, with nasty keys and texts, as text: JSON can say things an object literal cannot (`__proto__` as a key, 1e999). */
export const nastyJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    nastyText.map((text) => JSON.stringify(text)),
    fc.constantFrom('null', 'true', 'false', '0', '-0', '1e999', '-1.5', '123456789012345678901234567890'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(nastyText, tie('value')), { maxLength: 4 })
      .map((fields) => `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value;

const fieldNames = ['runId', 'mode', 'executionKey', 'overrides', 'dryRun', 'load', 'candidate', 'queue', '__proto__'];

/** An event or request that is nearly right: known fields with values of any kind, sometimes a field nobody knows. */
export const nearlyAnEvent: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...fieldNames) }, { weight: 1, arbitrary: nastyText }),
      fc.oneof(
        nastyJson,
        fc.constantFrom('"run-1"', '"BALANCED"', '"orders"', 'true', '{"scenario":"nightly"}'),
        fc.constant('{"environment":{"additionalUserLabels":{"__x__":"y","":"z"}}}'),
      ),
    ),
    { maxLength: 5 },
  )
  .map((fields) => `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`);

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** A push delivery whose envelope is sound and whose payload is anything. */
export const push = (payload: string, fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    message: { data: base64(payload), messageId: '1', publishTime: '2026-01-02T02:04:05Z', ...fields },
    subscription: 'projects/demo/subscriptions/recommendations',
  });

/** Bodies of a delivery: sound envelopes around bad payloads, bad envelopes, and bytes. */
export const deliveryBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(nastyJson, nearlyAnEvent).map((payload) => push(payload)) },
  { weight: 2, arbitrary: nastyText.map((data) => push('', { data })) },
  { weight: 1, arbitrary: nastyText.map((messageId) => push('{}', { messageId })) },
  { weight: 1, arbitrary: nastyText.map((publishTime) => push('[]', { publishTime })) },
  // The framework takes objects and arrays alone for JSON.
  { weight: 2, arbitrary: nastyJson.filter((text) => /^[{[]/.test(text)) },
  { weight: 1, arbitrary: nastyJson.map((value) => `{"message":${value}}`) },
);
