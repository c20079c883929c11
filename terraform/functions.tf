# The three functions: what each may do, who may call it, and the environment it runs in.

locals {
  # What a start can come to: launch, look a job up by name, read it; and cancel a leg, when the three-stage load it begins was cancelled.
  _start_permissions = ["dataflow.jobs.cancel", "dataflow.jobs.create", "dataflow.jobs.get", "dataflow.jobs.list"]

  _functions = {
    on-recommendation = {
      description = "Starts what a recommendation event asks for"
      entry_point = "onRecommendation"
      ingress     = "ALLOW_INTERNAL_ONLY"
      concurrency = 16
      max_count   = 10
      permissions = local._start_permissions
      publishes   = []
      callers     = { push = google_service_account.push.email }
      accepts     = []
    }
    execute = {
      description = "The HTTP API: execute, recommend, list, read, cancel"
      entry_point = "execute"
      ingress     = var.api_ingress
      concurrency = 40
      max_count   = 10
      permissions = local._start_permissions
      publishes   = []
      callers = merge(
        { operator = google_service_account.operator.email },
        length(var.scheduled_loads) == 0 ? {} : { schedule = google_service_account.schedule.email },
        { for email in var.api_callers : email => email },
      )
      accepts = var.uptime_check ? [local.uptime_agent] : []
    }
    # Not read-only: its sweep finishes launches that deliveries left open, starts queued executions and passes cancels on.
    poll-jobs = {
      description = "One tick: recover, launch queued, poll, conclude, settle"
      entry_point = "pollJobs"
      ingress     = "ALLOW_INTERNAL_ONLY"
      concurrency = 8
      max_count   = 3
      permissions = concat(local._start_permissions, ["dataflow.messages.list", "dataflow.metrics.get"])
      publishes   = [google_pubsub_topic.executions.name]
      callers     = { tick = google_service_account.tick.email }
      accepts     = []
    }
  }

  # The engine's settings, each read by shared/base/config.ts.
  _settings = merge(
    {
      GOOGLE_CLOUD_PROJECT = local.project_id
      REGION               = var.region
      LOAD_CONFIG          = "gs://${google_storage_bucket.config.name}/${google_storage_bucket_object.load_config.name}"
      FIRESTORE_DATABASE   = google_firestore_database.ledger.name
      OUTCOMES_TOPIC       = google_pubsub_topic.executions.name
    },
    { for name, value in var.timing : upper(name) => tostring(value) },
    var.otlp_endpoint == null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
  )

  # What a load configuration may write as $${NAME}: the places this installation made, and the owner's own variables.
  _config_variables = merge(
    var.config_variables,
    {
      TEMP_LOCATION           = "${google_storage_bucket.staging.url}/temp"
      STAGING_LOCATION        = "${google_storage_bucket.staging.url}/staging"
      WORKER_SERVICE_ACCOUNT  = google_service_account.worker.email
      WORKER_IP_CONFIGURATION = var.network.private_workers ? "WORKER_IP_PRIVATE" : "WORKER_IP_PUBLIC"
    },
    local.worker_subnetwork == null ? {} : { SUBNETWORK = local.worker_subnetwork },
    var.kms_key_name == null ? {} : { KMS_KEY_NAME = var.kms_key_name },
  )

  # Google's OTLP endpoint takes spans from accounts with this role; any other collector decides by itself.
  telemetry_api = var.otlp_endpoint == null ? false : startswith(var.otlp_endpoint, "https://telemetry.googleapis.com")
}

module "functions" {
  source   = "./modules/function"
  for_each = local._functions

  name           = "${var.prefix}-${each.key}"
  role_id        = "${local.identifier}_${replace(each.key, "-", "_")}"
  description    = each.value.description
  entry_point    = each.value.entry_point
  project_id     = local.project_id
  project_number = local.project_number
  region         = var.region
  labels         = local.labels

  build = {
    bucket          = google_storage_bucket.config.name
    object          = google_storage_bucket_object.package.name
    repository      = google_artifact_registry_repository.images.id
    service_account = google_service_account.build.id
  }
  environment = merge(local._config_variables, local._settings)
  scaling = {
    concurrency = each.value.concurrency
    max_count   = each.value.max_count
  }
  timeout_sec   = local.function_timeout_sec
  lease_sec     = local.lease_sec
  kms_key_name  = var.kms_key_name
  vpc_connector = var.network.vpc_connector

  also_accepts = each.value.accepts
  callers      = each.value.callers
  ingress      = each.value.ingress

  config_bucket        = google_storage_bucket.config.name
  dataflow_permissions = each.value.permissions
  ledger               = google_firestore_database.ledger.name
  publishes            = each.value.publishes
  secrets              = var.secrets
  template_buckets     = var.data_buckets.read
  traces               = local.telemetry_api
  worker_account       = google_service_account.worker.name

  # Built and started only when they can be; a new query's index is there before the code that asks.
  depends_on = [
    google_artifact_registry_repository_iam_member.build_images,
    google_firestore_index.executions,
    google_kms_crypto_key_iam_member.agents,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
  ]
}
