// Ids of traces and spans: random ones, but for the one span that is announced.

import { randomBytes } from 'node:crypto';

/** OpenTelemetry's IdGenerator. While `next` is set, a span gets these ids. */
export type SpanIds = {
  next: { readonly traceId: string; readonly spanId: string } | undefined;
  generateTraceId(): string;
  generateSpanId(): string;
};

/** A generator without an announced span. The SDK asks for the span's id first and for a trace's id only where one begins (2.12). */
export function createSpanIds(): SpanIds {
  return {
    next: undefined,
    generateTraceId() {
      return this.next?.traceId ?? randomBytes(16).toString('hex');
    },
    generateSpanId() {
      return this.next?.spanId ?? randomBytes(8).toString('hex');
    },
  };
}
