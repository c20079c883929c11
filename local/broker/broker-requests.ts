// What the broker's REST calls take, checked as Pub/Sub checks it: unknown fields and broken base64 are refused.

import * as z from 'zod';

/** Limits of a publish call: 1,000 messages, 10 MB (Pub/Sub's quota page). */
const maxMessages = 1000;
export const maxRequest = '10mb';

/** Proto JSON takes both alphabets, padded or not; stored is the standard one. */
const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'must be base64')
  .refine((text) => text.replace(/=+$/, '').length % 4 !== 1, 'must be base64')
  .transform((text) => Buffer.from(text, 'base64').toString('base64'));

export const publishSchema = z.strictObject({
  messages: z
    .array(
      z
        .strictObject({
          data: base64.default(''),
          attributes: z.record(z.string().min(1).max(256), z.string().max(1024)).default({}),
          orderingKey: z.string().max(1024).default(''),
          messageId: z.string().optional(),
          publishTime: z.string().optional(),
        })
        .refine(
          ({ data, attributes }) => data !== '' || Object.keys(attributes).length > 0,
          'must have data or at least one attribute',
        ),
    )
    .min(1)
    .max(maxMessages),
});
export const pullSchema = z.strictObject({
  maxMessages: z.int().min(1).max(1000),
  returnImmediately: z.boolean().optional(),
});
export const acknowledgeSchema = z.strictObject({
  ackIds: z.array(z.string().regex(/^\d+$/, 'is no ackId of this broker')).min(1),
});
