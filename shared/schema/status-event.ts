// Eventarc's `google.cloud.dataflow.job.v1beta3.statusChanged`: which job it is about. What it says of the job is not believed.

import * as z from 'zod';

const labelsSchema = z.record(z.string(), z.string());
const bodySchema = z.looseObject({ payload: z.looseObject({ labels: labelsSchema.optional() }).optional() });

/**
 * The execution an event is about, by the label every job of this system carries (in binary mode, as Eventarc delivers). Undefined: the
 * request is no event at all; `executionId` undefined: it is an event of another kind, or about a job that is not ours.
 */
export function wakeOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Uint8Array,
): { readonly executionId: string | undefined } | undefined {
  const type = headers['ce-type'];
  if (type === undefined) return undefined;
  if (type !== 'google.cloud.dataflow.job.v1beta3.statusChanged') return { executionId: undefined };
  const parsed = bodySchema.safeParse(parseJson(body));
  const label = parsed.success ? parsed.data.payload?.labels?.['streamnova-execution'] : undefined;
  return { executionId: /^exe-[0-9a-f]{32}$/.test(label ?? '') ? label : undefined };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
