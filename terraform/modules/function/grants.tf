# What the function's account may do, and nothing else.

# Dataflow has no role this small: the permissions of the calls its code makes.
resource "google_project_iam_custom_role" "dataflow" {
  project     = var.project_id
  role_id     = var.role_id
  title       = "${var.name}: Dataflow"
  description = "The Dataflow calls ${var.name} makes"
  permissions = var.dataflow_permissions
}

resource "google_project_iam_member" "dataflow" {
  project = var.project_id
  role    = google_project_iam_custom_role.dataflow.id
  member  = google_service_account.this.member
}

# Firestore's roles are granted on the project; the condition narrows them to the one database.
resource "google_project_iam_member" "ledger" {
  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.this.member

  condition {
    title       = "ledger-${var.ledger}"
    description = "The ledger of this installation only"
    expression  = "resource.name == \"projects/${var.project_id}/databases/${var.ledger}\""
  }
}

# Launching a job as the worker account is acting as it; no other account can be chosen by a request.
resource "google_service_account_iam_member" "acts_as_worker" {
  service_account_id = var.worker_account
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this.member
}

resource "google_storage_bucket_iam_member" "config" {
  bucket = var.config_bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.this.member
}

resource "google_storage_bucket_iam_member" "templates" {
  for_each = var.template_buckets

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.this.member
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each = var.secrets

  project   = var.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = toset(var.publishes)

  project = var.project_id
  topic   = each.value
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this.member
}

resource "google_project_iam_member" "traces" {
  for_each = var.traces ? toset(["roles/telemetry.tracesWriter", "roles/serviceusage.serviceUsageConsumer"]) : []

  project = var.project_id
  role    = each.value
  member  = google_service_account.this.member
}
