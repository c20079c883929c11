# With a key of the customer's: which of Google's service agents may use it. Without one, nothing.

locals {
  # Out of the id of the API, unknown until it is enabled: so in an empty project whatever asks here waits for that. By way of a local, because
  # what names the resource itself, or depends on it, waits for every change of any API, and the grants below would be made anew each time.
  _asks_in = { for api in ["bigquery", "storage"] : api => split("/", google_project_service.this[api].id)[0] }
}

# These two agents come into being when somebody asks for them, which reading does; a grant to one that is not there fails with 400.
data "google_bigquery_default_service_account" "this" {
  count = var.kms_key_name == null ? 0 : 1

  project = local._asks_in["bigquery"]
}

data "google_storage_project_service_account" "this" {
  count = var.kms_key_name == null ? 0 : 1

  project = local._asks_in["storage"]
}

locals {
  # The others are made by README.md, Choices, with gcloud: the provider can only in its beta (google_project_service_identity).
  _key_users = var.kms_key_name == null ? {} : {
    artifactregistry = "service-${local.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    bigquery         = one(data.google_bigquery_default_service_account.this[*].email)
    cloudfunctions   = "service-${local.project_number}@gcf-admin-robot.iam.gserviceaccount.com"
    compute          = "service-${local.project_number}@compute-system.iam.gserviceaccount.com"
    dataflow         = "service-${local.project_number}@dataflow-service-producer-prod.iam.gserviceaccount.com"
    firestore        = "service-${local.project_number}@gcp-sa-firestore.iam.gserviceaccount.com"
    pubsub           = "service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    run              = "service-${local.project_number}@serverless-robot-prod.iam.gserviceaccount.com"
    storage          = one(data.google_storage_project_service_account.this[*].email_address)
  }
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each = local._key_users

  crypto_key_id = var.kms_key_name
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"

  depends_on = [google_project_service.this]
}
