// Who may call, over real HTTP: tokens signed by a key of the test, and tokens as Cloud Run hands them on after it checked them.

import { generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:http';
import { OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oidcCaller } from '../../functions/caller.ts';
import { type LocalEngine, scriptedConfig, startLocalEngine } from '../support/local-engine.ts';

const audience = 'https://streamnova-execute-123456789012.europe-west1.run.app';
const operator = 'operator@my-project.iam.gserviceaccount.com';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Google's client, with the test's key in the place of Google's. */
class TestClient extends OAuth2Client {
  override async getFederatedSignonCertsAsync(): ReturnType<OAuth2Client['getFederatedSignonCertsAsync']> {
    const certs = { ours: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    return { certs, format: 'PEM' as never };
  }
}

let local: LocalEngine;
let anywhere: string;
let onCloudRun: string;
beforeAll(async () => {
  local = await startLocalEngine(scriptedConfig());
  const options = { audience, serviceAccounts: [operator], client: new TestClient() };
  anywhere = await local.serve('execute', oidcCaller({ ...options, behindCloudRun: false }));
  onCloudRun = await local.serve('execute', oidcCaller({ ...options, behindCloudRun: true }));
});
afterAll(() => local.stop());

type Claims = Readonly<Record<string, unknown>>;
const nowSec = () => Math.floor(Date.now() / 1000);
const claims = (other: Claims = {}): Claims => ({
  iss: 'https://accounts.google.com',
  aud: audience,
  email: operator,
  email_verified: true,
  iat: nowSec(),
  exp: nowSec() + 3600,
  ...other,
});
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const head = part({ alg: 'RS256', kid: 'ours', typ: 'JWT' });
const signed = (payload: Claims): string => {
  const text = `${head}.${part(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
};
/** What the container gets of a token that Cloud Run let pass. */
const handedOn = (payload: Claims): string => `${head}.${part(payload)}.SIGNATURE_REMOVED_BY_GOOGLE`;

/** The status of a list of executions asked for with these headers; node:http, because fetch joins repeated ones. */
const statusOf = (url: string, headers: Record<string, string | string[]>): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${url}/api/agent/executions`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const stranger = 'operator@other-project.iam.gserviceaccount.com';
const wrong: readonly (readonly [string, Claims, number])[] = [
  ['another service', { aud: 'https://streamnova-poll-jobs-123456789012.europe-west1.run.app' }, 401],
  ['no audience', { aud: undefined }, 401],
  ['another issuer', { iss: 'https://accounts.example.com' }, 401],
  ['another account', { email: stranger }, 403],
  ['no e-mail', { email: undefined }, 403],
  ['an e-mail nobody verified', { email_verified: false }, 403],
];

describe.each([
  ['signed', signed, () => anywhere],
  ['signed, on Cloud Run', signed, () => onCloudRun],
  ['handed on by Cloud Run', handedOn, () => onCloudRun],
])('a token %s', (_name, token, url) => {
  test('of a listed account for this service lets in, whatever the case of its scheme', async () => {
    expect(await statusOf(url(), bearer(token(claims())))).toBe(200);
    expect(await statusOf(url(), { authorization: `bearer ${token(claims())}` })).toBe(200);
  });

  test.each(wrong)('for or of %s is refused', async (_case, other, status) => {
    expect(await statusOf(url(), bearer(token(claims(other))))).toBe(status);
  });
});

describe('on Cloud Run', () => {
  test('the audience may be the other URL of the same service, as Eventarc writes it', async () => {
    for (const aud of [
      'https://streamnova-execute-abcdefghij-ew.a.run.app',
      'https://streamnova-execute-abcdefghij-ew.a.run.app/',
      `${audience}/`,
      `${audience}/?__GCP_CloudEventsMode=CE_PUBSUB_BINDING`,
    ])
      expect(await statusOf(onCloudRun, bearer(handedOn(claims({ aud })))), aud).toBe(200);
    for (const aud of [
      'https://streamnova-execute-abcdefghij-ew.a.run.app.example.com',
      'https://streamnova-poll-jobs-abcdefghij-ew.a.run.app',
      'https://x-streamnova-execute-abcdefghij-ew.a.run.app',
      `https://example.com/${audience}`,
      'streamnova-execute',
    ])
      expect(await statusOf(onCloudRun, bearer(handedOn(claims({ aud })))), aud).toBe(401);
  });

  test('what Cloud Run did not look at is not believed', async () => {
    // With both headers it checks this one alone and hands the other on as it came.
    const own = `Bearer ${handedOn(claims({ email: stranger }))}`;
    const forged = `Bearer ${handedOn(claims())}`;
    expect(await statusOf(onCloudRun, { 'x-serverless-authorization': own, authorization: forged })).toBe(403);
    expect(await statusOf(onCloudRun, { 'x-serverless-authorization': forged })).toBe(200);
    expect(await statusOf(onCloudRun, { authorization: [forged, own] })).toBe(401);
    expect(await statusOf(onCloudRun, { 'x-serverless-authorization': [forged, own] })).toBe(401);
  });
});

test('elsewhere a token without its signature is nobody', async () => {
  expect(await statusOf(anywhere, bearer(handedOn(claims())))).toBe(401);
  expect(await statusOf(onCloudRun, bearer(handedOn(claims()).replace('GOOGLE', 'ME')))).toBe(401);
});

test.each([
  ['nothing', {}],
  ['another scheme', { authorization: 'Basic YTpi' }],
  ['no token', { authorization: 'Bearer ' }],
  ['no JWT', bearer('x')],
  ['claims that are no JSON', bearer(`${head}.x.SIGNATURE_REMOVED_BY_GOOGLE`)],
])('%s is 401', async (_case, headers) => {
  expect(await statusOf(anywhere, headers)).toBe(401);
  expect(await statusOf(onCloudRun, headers)).toBe(401);
});

test('a signed token that has expired is 401', async () => {
  const old = { iat: nowSec() - 7200, exp: nowSec() - 3600 };
  expect(await statusOf(anywhere, bearer(signed(claims(old))))).toBe(401);
});
