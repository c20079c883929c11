# With a key of the customer's: which of Google's service agents may use it. Without one, nothing.

locals {
  _key_users = var.kms_key_name == null ? {} : {
    artifactregistry = "service-${local.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    bigquery         = "bq-${local.project_number}@bigquery-encryption.iam.gserviceaccount.com"
    cloudfunctions   = "service-${local.project_number}@gcf-admin-robot.iam.gserviceaccount.com"
    compute          = "service-${local.project_number}@compute-system.iam.gserviceaccount.com"
    dataflow         = "service-${local.project_number}@dataflow-service-producer-prod.iam.gserviceaccount.com"
    firestore        = "service-${local.project_number}@gcp-sa-firestore.iam.gserviceaccount.com"
    pubsub           = "service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    run              = "service-${local.project_number}@serverless-robot-prod.iam.gserviceaccount.com"
    storage          = "service-${local.project_number}@gs-project-accounts.iam.gserviceaccount.com"
  }
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each = local._key_users

  crypto_key_id = var.kms_key_name
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"

  depends_on = [google_project_service.this]
}
