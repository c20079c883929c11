# One function with its own account: the deployed service, and who may call it.

locals {
  # Cloud Run's deterministic URL, known before the service exists: so the function can be told the audience its callers' tokens must carry.
  host = "${var.name}-${var.project_number}.${var.region}.run.app"
  url  = "https://${local.host}"
}

resource "google_service_account" "this" {
  project      = var.project_id
  account_id   = var.name
  display_name = "${var.name}: ${var.description}"
}

resource "google_cloudfunctions2_function" "this" {
  project      = var.project_id
  location     = var.region
  name         = var.name
  description  = var.description
  kms_key_name = var.kms_key_name
  labels       = var.labels

  build_config {
    runtime           = "nodejs24"
    entry_point       = var.entry_point
    docker_repository = var.build.repository
    service_account   = var.build.service_account

    source {
      storage_source {
        bucket = var.build.bucket
        object = var.build.object
      }
    }
  }

  service_config {
    available_cpu                    = "1"
    available_memory                 = "512Mi"
    max_instance_request_concurrency = var.scaling.concurrency
    min_instance_count               = 0
    max_instance_count               = var.scaling.max_count
    timeout_seconds                  = var.timeout_sec
    ingress_settings                 = var.ingress
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.this.email
    vpc_connector                    = var.vpc_connector
    vpc_connector_egress_settings    = var.vpc_connector == null ? null : "PRIVATE_RANGES_ONLY"

    environment_variables = merge(var.environment, {
      NODE_ENV              = "production"
      PUSH_AUDIENCE         = local.url
      PUSH_SERVICE_ACCOUNTS = join(",", sort(concat(values(var.callers), var.also_accepts)))
    })
  }

  lifecycle {
    precondition {
      condition     = var.timeout_sec < var.lease_sec
      error_message = "The function may run ${var.timeout_sec} s, the lease lasts ${var.lease_sec} s: an instance that outlives its lease could launch twice. Raise timing.launch_slack_ms or the other launch times."
    }

    precondition {
      condition     = length("${var.name}-${var.project_number}") <= 63
      error_message = "Cloud Run gives ${var.name} no deterministic URL: name and project number are longer than 63 characters. Choose a shorter prefix."
    }
  }

  # Started without its grants it would refuse its first requests.
  depends_on = [
    google_project_iam_member.dataflow,
    google_project_iam_member.ledger,
    google_pubsub_topic_iam_member.publishes,
    google_secret_manager_secret_iam_member.reads,
    google_service_account_iam_member.acts_as_worker,
    google_storage_bucket_iam_member.config,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "callers" {
  for_each = var.callers

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value}"
}
