# What the jobs need: a bucket for temporary and staging files, and the one account every worker and launcher runs as.

resource "google_storage_bucket" "staging" {
  project                     = local.project_id
  name                        = "${var.project_id}-${var.prefix}-staging"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  labels                      = local.labels

  # Nothing in it outlives its job: 14 days is longer than any job may run, and deleted files are not kept.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 14
      matches_prefix = ["temp/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 90
      matches_prefix = ["staging/"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_service_account" "worker" {
  project      = local.project_id
  account_id   = "${var.prefix}-worker"
  display_name = "${var.prefix}: Dataflow launcher and workers"
}

# What every job needs, and what only some kinds of source do.
resource "google_project_iam_member" "worker" {
  for_each = toset(concat(
    ["roles/bigquery.jobUser", "roles/dataflow.worker"],
    length(var.source_datasets) == 0 ? [] : ["roles/bigquery.readSessionUser"],
    var.cloud_sql ? ["roles/cloudsql.client"] : [],
  ))

  project = local.project_id
  role    = each.value
  member  = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_staging" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_read" {
  for_each = var.data_buckets.read

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_write" {
  for_each = var.data_buckets.write

  bucket = each.value
  role   = "roles/storage.objectAdmin"
  member = google_service_account.worker.member
}

resource "google_secret_manager_secret_iam_member" "worker" {
  for_each = var.secrets

  project   = local.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.worker.member
}

resource "google_bigquery_dataset" "target" {
  for_each = { for id, dataset in var.target_datasets : id => dataset if dataset.create }

  project                    = local.project_id
  dataset_id                 = each.key
  location                   = coalesce(each.value.location, var.region)
  description                = "Loaded by ${var.prefix}"
  delete_contents_on_destroy = !var.protect_data
  labels                     = local.labels

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key_name[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_bigquery_dataset_iam_member" "worker" {
  for_each = var.target_datasets

  project    = local.project_id
  dataset_id = each.value.create ? google_bigquery_dataset.target[each.key].dataset_id : each.key
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.worker.member
}

resource "google_bigquery_dataset_iam_member" "worker_source" {
  for_each = var.source_datasets

  project    = length(split(".", each.value)) == 1 ? local.project_id : split(".", each.value)[0]
  dataset_id = try(google_bigquery_dataset.target[each.value].dataset_id, reverse(split(".", each.value))[0])
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.worker.member
}

# The template decrypts a source's address and credentials by itself.
resource "google_kms_crypto_key_iam_member" "worker" {
  for_each = var.source_keys

  crypto_key_id = each.value
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = google_service_account.worker.member
}

# The launcher pulls an own template's image as the worker account; Google's own images are public.
resource "google_artifact_registry_repository_iam_member" "worker" {
  for_each = var.image_repositories

  project    = split("/", each.value)[1]
  location   = split("/", each.value)[3]
  repository = split("/", each.value)[5]
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}
