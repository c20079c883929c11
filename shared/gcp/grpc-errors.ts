// Translates errors of Google's gRPC clients at the call; nothing above this folder knows a gRPC number.

import { protobuf } from 'google-gax';
import { EngineError, type ErrorCode, type ParameterViolation } from '../base/errors.ts';
import { scrub } from '../base/log.ts';

/** gRPC status numbers (grpc/status proto) to our codes. CANCELLED, UNKNOWN, INTERNAL and UNAUTHENTICATED say nothing definite: retry. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  1: 'UNAVAILABLE',
  2: 'UNKNOWN',
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  10: 'ABORTED',
  11: 'INVALID_ARGUMENT',
  13: 'UNKNOWN',
  14: 'UNAVAILABLE',
  16: 'UNAVAILABLE',
};

/** The EngineError of whatever a client threw, with the client's error as `cause` and the violations of a refused template parameter. */
export function translateGrpcError(what: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const status = isRecord(error) && typeof error.code === 'number' ? error.code : undefined;
  const code = (status === undefined ? undefined : codeOfStatus[status]) ?? 'UNKNOWN';
  const text = scrub(error instanceof Error ? error.message : String(error));
  return new EngineError(code, `${what}: ${text}`, { cause: error, violations: parameterViolations(error) });
}

/** Runs a client call and translates what it throws. */
export async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translateGrpcError(what, error);
  }
}

const proto = `
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message InvalidTemplateParameters {
    message ParameterViolation { string parameter = 1; string description = 2; }
    repeated ParameterViolation parameter_violations = 1;
  }`;

/** The `InvalidTemplateParameters` detail of a 400, out of `grpc-status-details-bin`. The shapes are google.rpc.Status and templates.proto. */
function parameterViolations(error: unknown): ParameterViolation[] {
  const metadata = isRecord(error) ? error.metadata : undefined;
  if (!isRecord(metadata) || typeof metadata.get !== 'function') return [];
  const [encoded] = metadata.get('grpc-status-details-bin') as unknown[];
  if (!(encoded instanceof Uint8Array)) return [];
  try {
    const { root } = protobuf.parse(proto);
    const status = root.lookupType('Status').decode(encoded) as unknown as {
      details: { typeUrl: string; value: Uint8Array }[];
    };
    return status.details
      .filter((detail) => detail.typeUrl.endsWith('google.dataflow.v1beta3.InvalidTemplateParameters'))
      .flatMap((detail) => {
        const decoded = root.lookupType('InvalidTemplateParameters').decode(detail.value) as unknown as {
          parameterViolations: ParameterViolation[];
        };
        return decoded.parameterViolations.map(({ parameter, description }) => ({ parameter, description }));
      });
  } catch {
    // Details that cannot be decoded only cost their wording: the status itself is kept.
    return [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
