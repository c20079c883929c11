// The values Google would give: deterministic ones in Google's forms, so that a whole plan is known without a cloud.

import type { Value } from './msgpack.ts';

/** The number of every project here. */
export const projectNumber = '123456789012';

/** What the provider would compute for attribute `name` of a resource of `type` with the arguments `given`. */
export function computedValue(type: string, name: string, kind: string, given: Readonly<Record<string, Value>>): Value {
  if (kind === 'list' || kind === 'map') return null;
  if (kind === 'bool') return false;
  if (kind === 'number') return 0;
  const project = text(given.project, 'project');
  const own = text(
    given.name ?? given.account_id ?? given.role_id ?? given.repository_id ?? given.dataset_id,
    'given-by-google',
  );
  const email = `${text(given.account_id, 'account')}@${project}.iam.gserviceaccount.com`;
  const known: Readonly<Record<string, string>> = {
    'data.google_project.number': projectNumber,
    'data.google_bigquery_default_service_account.email': `bq-${projectNumber}@bigquery-encryption.iam.gserviceaccount.com`,
    'data.google_storage_project_service_account.email_address': `service-${projectNumber}@gs-project-accounts.iam.gserviceaccount.com`,
    'google_project_service.id': `${project}/${text(given.service, 'service')}`,
    'google_service_account.email': email,
    'google_service_account.member': `serviceAccount:${email}`,
    'google_service_account.name': `projects/${project}/serviceAccounts/${email}`,
    'google_service_account.id': `projects/${project}/serviceAccounts/${email}`,
    'google_storage_bucket.url': `gs://${own}`,
    'google_storage_bucket_object.output_name': own,
    'google_project_iam_custom_role.id': `projects/${project}/roles/${own}`,
    'google_pubsub_topic.id': `projects/${project}/topics/${own}`,
    'google_pubsub_schema.id': `projects/${project}/schemas/${own}`,
    'google_pubsub_subscription.id': `projects/${project}/subscriptions/${own}`,
    'google_firestore_database.id': `projects/${project}/databases/${own}`,
    'google_artifact_registry_repository.name': own,
    'google_artifact_registry_repository.id': `projects/${project}/locations/${text(given.location, 'region')}/repositories/${own}`,
    'google_monitoring_dashboard.id': `projects/${projectNumber}/dashboards/dashboard-id`,
    'google_monitoring_notification_channel.id': `projects/${project}/notificationChannels/${slug(text(given.display_name, 'channel'))}`,
    'google_monitoring_uptime_check_config.uptime_check_id': 'uptime-check-id',
  };
  return (
    known[`${type}.${name}`] ?? (name === 'id' ? `projects/${project}/${type}/${own}` : `${type}.${name}.of.${own}`)
  );
}

const text = (value: Value | undefined, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
const slug = (value: string): string => value.replaceAll(/[^a-z0-9]+/gi, '-');
