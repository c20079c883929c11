// Who may do what, read out of a plan: one row for each account and grant.

import type { Plan, PlannedResource } from './run-terraform.ts';

export type Grant = {
  /** `streamnova-worker`, a service agent's kind, or a member of the owner's. */
  readonly account: string;
  readonly role: string;
  /** For a custom role: what it holds. */
  readonly permissions?: readonly string[];
  readonly on: string;
};

/** Every grant of a plan, by account, role and place. */
export function grantsOf(plan: Plan): Grant[] {
  return plan.resources
    .filter(({ type }) => type.endsWith('_iam_member'))
    .map((resource): Grant => {
      const { role, member } = resource.values as { role: string; member: string };
      const custom = plan.ofType('google_project_iam_custom_role').find(({ values }) => values.id === role);
      return {
        account: accountOf(member),
        role: custom === undefined ? role : `custom: ${custom.values.role_id}`,
        ...(custom === undefined ? {} : { permissions: custom.values.permissions as string[] }),
        on: placeOf(resource),
      };
    })
    .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/** The grants as a Markdown table: one row for each account, equal roles on several things together. */
export function grantsTable(plan: Plan): string {
  const accounts = Map.groupBy(grantsOf(plan), ({ account }) => account);
  const rows = [...accounts].map(([account, grants]) => {
    const roles = Map.groupBy(grants, ({ role, permissions }) =>
      (permissions ?? [role]).map((name) => `\`${name}\``).join(', '),
    );
    const may = [...roles].map(([role, on]) => `${role} on ${on.map((grant) => grant.on).join(', ')}`);
    return `| ${account} | ${may.join('; ')} |`;
  });
  return ['| account | may |', '| --- | --- |', ...rows].join('\n');
}

const sortKey = ({ account, on, role }: Grant): string => `${account}\u0000${on}\u0000${role}`;

function accountOf(member: string): string {
  const agent = /^serviceAccount:(?:service|bq)-\d+@(?:gcp-sa-)?([a-z-]+)/.exec(member)?.[1];
  if (agent !== undefined) return `Google's agent ${agent}`;
  const own = /^serviceAccount:([a-z0-9-]+)@my-project\.iam\.gserviceaccount\.com$/.exec(member)?.[1];
  return own ?? member;
}

/** What a grant is on, in words. */
function placeOf({ type, values }: PlannedResource): string {
  const of = (name: string): string =>
    String(values[name] ?? '')
      .split('/')
      .at(-1) ?? '';
  const places: Readonly<Record<string, string>> = {
    google_service_account_iam_member: `account ${of('service_account_id').split('@')[0]}`,
    google_storage_bucket_iam_member: `bucket ${of('bucket')}`,
    google_secret_manager_secret_iam_member: `secret ${of('secret_id')}`,
    google_pubsub_topic_iam_member: `topic ${of('topic')}`,
    google_pubsub_subscription_iam_member: `subscription ${of('subscription')}`,
    google_cloud_run_v2_service_iam_member: `function ${of('name')}`,
    google_bigquery_dataset_iam_member: `dataset ${values.project === 'my-project' ? '' : `${values.project}.`}${of('dataset_id')}`,
    google_artifact_registry_repository_iam_member: `repository ${of('repository')}`,
    google_kms_crypto_key_iam_member: `key ${of('crypto_key_id')}`,
  };
  const [condition] = (values.condition ?? []) as { description?: string }[];
  return places[type] ?? (condition === undefined ? 'the project' : `the project, only: ${condition.description}`);
}
