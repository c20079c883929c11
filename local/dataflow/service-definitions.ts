// Loads the service definitions of google.dataflow.v1beta3 from the protos that Google's own client ships.

import { createRequire } from 'node:module';
import {
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { fromJSON, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** The services of the package; every one is registered, so that a call this service does not know answers in its own words. */
export const serviceNames = [
  'FlexTemplatesService',
  'JobsV1Beta3',
  'MetricsV1Beta3',
  'MessagesV1Beta3',
  'SnapshotsV1Beta3',
  'TemplatesService',
] as const;

export type ServiceName = (typeof serviceNames)[number];

const packageName = 'google.dataflow.v1beta3';

let loaded: { definition: PackageDefinition; services: GrpcObject } | undefined;

/** Loaded once per process: reading the 500 KB of descriptors costs about 50 ms. */
function load(): { definition: PackageDefinition; services: GrpcObject } {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  const protos: Parameters<typeof fromJSON>[0] = require('@google-cloud/dataflow/build/protos/protos.json');
  // Requests arrive with enum names, 64-bit numbers as text and proto3 defaults filled in; answers may leave any field out.
  const definition = fromJSON(protos, { enums: String, longs: String, defaults: true, arrays: true, objects: true });
  loaded = { definition, services: loadPackageDefinition(definition) };
  return loaded;
}

/** The gRPC definition of one service, to be given to `Server.addService`. */
export function serviceDefinition(name: ServiceName): ServiceDefinition {
  let node: unknown = load().services;
  for (const part of [...packageName.split('.'), name]) node = (node as Record<string, unknown>)[part];
  return (node as ServiceClientConstructor).service;
}

/** The wire bytes of a message of the loaded protos, by its full name, e.g. `google.rpc.Status`. */
export function encodeMessage(fullName: string, value: object): Buffer {
  const message = load().definition[fullName];
  if (message === undefined || !('serialize' in message))
    throw new Error(`the loaded protos hold no message ${fullName}`);
  return (message as MessageTypeDefinition<object, object>).serialize(value);
}
