// Stands in for Google's provider: a Terraform plugin that knows its schemas, refuses what they refuse, and plans without any cloud.

import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { computedValue } from './computed-values.ts';
import { decode, encode, type Value } from './msgpack.ts';
import { type AttributeFact, type BlockFact, providerFacts } from './provider-facts.ts';

type Dynamic = { readonly msgpack: Buffer };
type Call<T> = { readonly request: T };
type Reply = (error: null, answer: object) => void;

/** Serves on a free port of loopback. `reattach`: what TF_REATTACH_PROVIDERS must say for Terraform to use it. */
export async function startStandInProvider(): Promise<{ readonly reattach: string; close(): void }> {
  const proto = loadSync(new URL('plugin.proto', import.meta.url).pathname, { keepCase: true, defaults: true });
  const service = proto['tfplugin5.Provider'];
  if (service === undefined) throw new Error('plugin.proto lacks the service tfplugin5.Provider');
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(service as Parameters<Server['addService']>[0], handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const reattach = JSON.stringify({
    [providerFacts.address]: {
      Protocol: 'grpc',
      ProtocolVersion: 5,
      Pid: process.pid,
      Test: true,
      Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
    },
  });
  return { reattach, close: () => server.forceShutdown() };
}

const handlers = {
  GetSchema: (_call: unknown, reply: Reply) => reply(null, schemas()),
  PrepareProviderConfig: (call: Call<{ config: Dynamic }>, reply: Reply) =>
    reply(null, { prepared_config: call.request.config }),
  ValidateResourceTypeConfig: (call: Call<{ type_name: string; config: Dynamic }>, reply: Reply) =>
    reply(null, { diagnostics: problemsOf(call.request.type_name, call.request.config) }),
  ValidateDataSourceConfig: (_call: unknown, reply: Reply) => reply(null, {}),
  Configure: (_call: unknown, reply: Reply) => reply(null, {}),
  ReadResource: (call: Call<{ current_state: Dynamic }>, reply: Reply) =>
    reply(null, { new_state: call.request.current_state }),
  PlanResourceChange: (call: Call<{ type_name: string; proposed_new_state: Dynamic }>, reply: Reply) =>
    reply(null, { planned_state: planned(call.request.type_name, call.request.proposed_new_state) }),
  ReadDataSource: (call: Call<{ type_name: string; config: Dynamic }>, reply: Reply) =>
    reply(null, { state: planned(`data.${call.request.type_name}`, call.request.config) }),
  Stop: (_call: unknown, reply: Reply) => reply(null, {}),
};

function schemas(): object {
  const of = (data: boolean) =>
    Object.fromEntries(
      Object.entries(providerFacts.schemas)
        .filter(([type]) => type.startsWith('data.') === data)
        .map(([type, block]) => [type.replace(/^data\./, ''), { version: 0, block: wireBlock(block) }]),
    );
  const argument = (name: string) => ({ name, type: Buffer.from('"string"'), optional: true });
  return {
    provider: { version: 0, block: { attributes: [argument('project'), argument('region')], block_types: [] } },
    resource_schemas: of(false),
    data_source_schemas: of(true),
  };
}

function wireBlock({ attributes, blocks }: BlockFact): object {
  return {
    attributes: Object.entries(attributes).map(([name, fact]) => ({
      name,
      type: Buffer.from(JSON.stringify(ctyType(fact))),
      // In the words of Google's provider, from which the facts are read.
      ...(fact.values === undefined ? {} : { description: `Possible values: ${JSON.stringify(fact.values)}` }),
      required: fact.use === 'required',
      optional: fact.use === 'optional',
      computed: isGiven(name, fact),
    })),
    block_types: Object.entries(blocks).map(([name, block]) => ({
      type_name: name,
      block: wireBlock(block),
      nesting: name === 'timeouts' ? 1 : 2,
      min_items: block.required ? 1 : 0,
      max_items: block.many || name === 'timeouts' ? 0 : 1,
    })),
  };
}

/** Every resource's id is given by the provider, whatever else its schema says. */
const isGiven = (name: string, { use }: Pick<AttributeFact, 'use'>): boolean =>
  use === 'computed' || (name === 'id' && use === 'optional');

const ctyType = ({ type }: AttributeFact): unknown => (type === 'list' || type === 'map' ? [type, 'string'] : type);

function planned(type: string, proposed: Dynamic): Dynamic {
  const state = decode(proposed.msgpack);
  if (!isObject(state)) return proposed;
  return { msgpack: encode(withComputed(type, factOf(type), state, state)) };
}

function withComputed(type: string, fact: BlockFact, block: Record<string, Value>, top: Record<string, Value>): Value {
  const result: Record<string, Value> = { ...block };
  for (const [name, { use, type: kind }] of Object.entries(fact.attributes)) {
    if (isGiven(name, { use }) && result[name] === null) result[name] = computedValue(type, name, kind, top);
  }
  for (const [name, inner] of Object.entries(fact.blocks)) {
    const nested = result[name];
    if (Array.isArray(nested)) {
      result[name] = nested.map((item) => (isObject(item) ? withComputed(type, inner, item, top) : item));
    }
  }
  return result;
}

/** What the schema's enumerations refuse. */
function problemsOf(type: string, config: Dynamic): object[] {
  const problems: object[] = [];
  const walk = (fact: BlockFact, block: Value | undefined, path: string): void => {
    if (block === undefined || !isObject(block)) return;
    for (const [name, { values }] of Object.entries(fact.attributes)) {
      const value = block[name];
      if (values === undefined || typeof value !== 'string' || values.includes(value)) continue;
      const summary = `${type}.${path}${name} cannot be "${value}"`;
      problems.push({ severity: 1, summary, detail: `It must be one of ${values.join(', ')}.` });
    }
    for (const [name, inner] of Object.entries(fact.blocks)) {
      const nested = block[name];
      if (Array.isArray(nested)) for (const item of nested as Value[]) walk(inner, item, `${path}${name}.`);
    }
  };
  walk(factOf(type), decode(config.msgpack), '');
  return problems;
}

function factOf(type: string): BlockFact {
  const fact = providerFacts.schemas[type];
  if (fact === undefined) throw new Error(`no facts about ${type} in test/fixtures/terraform/google-provider.json`);
  return fact;
}

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
