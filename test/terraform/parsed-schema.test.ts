// Without Terraform: every resource fits the provider's schema, and what would not fit is found.

import { describe, expect, test } from 'vitest';
import { parseTerraform } from './parsed.ts';
import { schemaProblems } from './parsed-schema.ts';
import { providerFacts } from './provider-facts.ts';

const problemsIn = async (hcl: string) => schemaProblems(await parseTerraform({ 'main.tf': hcl }));

describe('the resources', () => {
  test('fit the schema of the provider', async () => {
    const blocks = await parseTerraform();
    expect(blocks.filter(({ labels }) => labels[0] === 'resource').length).toBeGreaterThan(50);
    expect(schemaProblems(blocks)).toEqual([]);
  });

  test('are of exactly the provider the facts are about, in every module', async () => {
    const blocks = await parseTerraform();
    const required = blocks
      .filter(({ labels }) => labels[0] === 'terraform')
      .map(({ body }) => JSON.stringify(body.required_providers));
    expect(required.length).toBe(2);
    for (const text of required) expect(text).toContain(`"version":"= ${providerFacts.version}"`);
    // No other provider slips in with its own.
    for (const text of required) expect(text.match(/"source":/g)).toHaveLength(1);
    const used = blocks.flatMap(({ labels: [kind, type = ''] }) =>
      kind === 'resource' || kind === 'data' ? type : [],
    );
    expect(used.filter((type) => !type.startsWith('google_'))).toEqual([]);
  });

  test('leave no fact unused', async () => {
    const types = new Set(
      (await parseTerraform()).map(({ labels: [kind, type] }) => (kind === 'data' ? `data.${type}` : type)),
    );
    expect(Object.keys(providerFacts.schemas).filter((type) => !types.has(type))).toEqual([]);
  });
});

describe('a resource that does not fit', () => {
  const topic = (inside: string) => `resource "google_pubsub_topic" "x" {\n  name = "x"\n${inside}\n}`;

  test.each([
    ['an unknown argument', topic('colour = "red"'), 'unknown colour'],
    [
      'an unknown nested argument',
      topic('message_storage_policy {\n allowed_persistence_regions = []\n zone = "x"\n}'),
      'unknown message_storage_policy.zone',
    ],
    ['an unknown block', topic('push_config {\n push_endpoint = "x"\n}'), 'unknown push_config'],
    [
      'an unknown dynamic block',
      topic('dynamic "push_config" {\n for_each = []\n content {\n push_endpoint = "x"\n }\n}'),
      'unknown push_config',
    ],
    ['a missing argument', 'resource "google_pubsub_topic" "x" {}', 'name is required'],
    [
      'a missing nested argument',
      topic('message_storage_policy {}'),
      'message_storage_policy.allowed_persistence_regions is required',
    ],
    [
      'a missing argument of a dynamic block',
      topic('dynamic "message_storage_policy" {\n for_each = []\n content {}\n}'),
      'message_storage_policy.allowed_persistence_regions is required',
    ],
    [
      'a missing block',
      'resource "google_eventarc_trigger" "x" {\n  name = "x"\n  location = "y"\n}',
      'block destination is required',
    ],
    [
      'a block that stands twice',
      topic(
        'message_storage_policy {\n allowed_persistence_regions = []\n}\nmessage_storage_policy {\n allowed_persistence_regions = []\n}',
      ),
      'block message_storage_policy may stand once',
    ],
    [
      'a value outside its enumeration',
      'resource "google_pubsub_schema" "x" {\n  name = "x"\n  type = "JSON"\n}',
      'type cannot be "JSON"',
    ],
    [
      'a computed attribute that is set',
      'resource "google_service_account" "x" {\n  account_id = "x"\n  email = "y"\n}',
      'email is computed',
    ],
    ['a type the facts do not know', 'resource "google_pubsub_topik" "x" {}', 'the facts know no google_pubsub_topik'],
    ['an unknown argument of a data source', 'data "google_project" "x" {\n  nmae = "x"\n}', 'unknown nmae'],
  ])('%s is found', async (_what, hcl, problem) => {
    expect((await problemsIn(hcl)).join('\n')).toContain(problem);
  });

  test('text that is no HCL is refused with its place', async () => {
    await expect(problemsIn('resource "google_pubsub_topic" {')).rejects.toThrow(/main\.tf:1/);
  });
});
