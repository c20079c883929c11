// The installations the tests plan: the example's, and one with everything switched on.

/** The four inputs without a default. */
export const smallest = {
  project_id: 'my-project',
  region: 'europe-west1',
  load_config: 'examples/streamnova.yaml',
  alert_emails: ['data-platform@example.com'],
};

/** Every option at once, so that no block stays unplanned. */
export const everything = {
  ...smallest,
  prefix: 'sn-prod',
  api_callers: ['recommender@my-project.iam.gserviceaccount.com'],
  cloud_sql: true,
  config_variables: { SHOP_HOST: '10.20.30.40' },
  daily_budget_usd: 12.5,
  data_buckets: { read: ['shop-schemas'], write: ['shop-files'] },
  firestore_location: 'eur3',
  image_repositories: ['projects/my-project/locations/europe-west1/repositories/templates'],
  kms_key_name: 'projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/key',
  labels: { team: 'data' },
  network: {
    create: true,
    private_workers: true,
    vpc_connector: 'projects/my-project/locations/europe-west1/connectors/shop',
  },
  operators: ['user:ann@example.com'],
  otlp_endpoint: 'https://telemetry.googleapis.com',
  protect_data: false,
  recommenders: ['serviceAccount:recommender@my-project.iam.gserviceaccount.com'],
  scheduled_loads: { orders: '0 3 * * *', 'orders-fast': '*/30 8-18 * * 1-5' },
  scheduled_load_options: {
    'orders-fast': {
      load: 'orders',
      mode: 'FAST_LOAD',
      scenario: 'daytime',
      time_zone: 'Europe/Zurich',
    },
  },
  secrets: ['shop-user', 'shop-password'],
  source_datasets: ['archive', 'shop_exports'],
  source_keys: ['projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/sources'],
  status_events: true,
  target_datasets: { warehouse: {}, archive: { create: false } },
};
