// The errors of the API: a gRPC status with the texts Dataflow uses, and the details of a refused template parameter.

import { randomBytes } from 'node:crypto';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { encodeMessage } from './service-definitions.ts';

export type ParameterViolation = { readonly parameter: string; readonly description: string };

export type StatusCode = keyof typeof status;

/** An answer that is an error. `violations` travel as google.dataflow.v1beta3.InvalidTemplateParameters in grpc-status-details-bin. */
export class ApiError extends Error {
  readonly code: StatusCode;
  readonly violations: readonly ParameterViolation[];

  constructor(code: StatusCode, message: string, violations: readonly ParameterViolation[] = []) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.violations = violations;
  }
}

/** What grpc-js wants as the error of a call. Anything that is no ApiError is a defect of this service and answers INTERNAL. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  if (!(error instanceof ApiError)) {
    const text = error instanceof Error ? error.message : String(error);
    return { code: status.INTERNAL, details: `the local Dataflow service failed: ${text}` };
  }
  const metadata = new Metadata();
  if (error.violations.length > 0) metadata.set('grpc-status-details-bin', statusDetails(error));
  return { code: status[error.code], details: error.message, metadata };
}

/** Dataflow prefixes many messages with an internal id in brackets, e.g. `(56b03c4ce491e46b): …`. */
export function withTrace(text: string): string {
  return `(${randomBytes(8).toString('hex')}): ${text}`;
}

function statusDetails(error: ApiError): Buffer {
  const name = 'google.dataflow.v1beta3.InvalidTemplateParameters';
  const value = encodeMessage(name, { parameterViolations: error.violations });
  return encodeMessage('google.rpc.Status', {
    code: status[error.code],
    message: error.message,
    // Written as type url and bytes: proto-loader would otherwise want a registered `@type` and its own copy of the message.
    details: [{ type_url: `type.googleapis.com/${name}`, value }],
  });
}
