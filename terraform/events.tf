# Recommendations in, executions out, and what becomes of a message that cannot be delivered.

resource "google_pubsub_schema" "recommendation" {
  project    = local.project_id
  name       = "${var.prefix}-recommendation"
  type       = "PROTOCOL_BUFFER"
  definition = file("${path.module}/schemas/recommendation.proto")
}

resource "google_pubsub_topic" "recommendations" {
  project      = local.project_id
  name         = "${var.prefix}-recommendations"
  kms_key_name = var.kms_key_name
  labels       = local.labels

  # A message without a known field is refused to its publisher at once, instead of being rejected on record later.
  schema_settings {
    schema   = google_pubsub_schema.recommendation.id
    encoding = "JSON"
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_pubsub_topic_iam_member" "recommenders" {
  for_each = var.recommenders

  project = local.project_id
  topic   = google_pubsub_topic.recommendations.name
  role    = "roles/pubsub.publisher"
  member  = each.value
}

# Whoever recommends writes the document first and publishes its runId then.
resource "google_project_iam_member" "recommenders" {
  for_each = var.recommenders

  project = local.project_id
  role    = "roles/datastore.user"
  member  = each.value

  condition {
    title       = "ledger-${google_firestore_database.ledger.name}"
    description = "The ledger of this installation only"
    expression  = "resource.name == \"projects/${local.project_id}/databases/${google_firestore_database.ledger.name}\""
  }
}

# Our own push subscription, not an Eventarc trigger's: that one can carry no dead-letter policy that Terraform keeps.
resource "google_pubsub_subscription" "recommendations" {
  project                    = local.project_id
  name                       = "${var.prefix}-recommendations"
  topic                      = google_pubsub_topic.recommendations.id
  ack_deadline_seconds       = local.ack_deadline_sec
  message_retention_duration = "${local.message_retention_sec}s"
  labels                     = local.labels

  push_config {
    push_endpoint = module.functions["on-recommendation"].url

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = module.functions["on-recommendation"].url
    }
  }

  retry_policy {
    minimum_backoff = "${var.delivery.minimum_backoff_sec}s"
    maximum_backoff = "${var.delivery.maximum_backoff_sec}s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = var.delivery.max_attempts
  }

  # It stays when nothing is published for a month.
  expiration_policy {
    ttl = ""
  }

  lifecycle {
    precondition {
      condition     = local.ack_deadline_sec <= 600
      error_message = "A function may work for ${local.function_timeout_sec} s; Pub/Sub waits at most 600 s for an answer. Lower timing.launch_deadline_ms, timing.launch_slack_ms or timing.tick_budget_ms."
    }

    precondition {
      condition     = local.backoff_counted_sec >= max(local.lease_sec, local.recommendation_wait_sec) + local.function_timeout_sec
      error_message = "The pauses between deliveries add up to ${local.backoff_sum_sec} s, of which ${local.backoff_counted_sec} s are counted on; they must outlast lease (${local.lease_sec} s) and wait for a recommendation (${local.recommendation_wait_sec} s) by a function's timeout, or a message dies before its execution can be decided. Raise delivery.max_attempts."
    }
  }

  depends_on = [google_service_account_iam_member.push_token]
}

resource "google_pubsub_topic" "dead_letters" {
  project      = local.project_id
  name         = "${var.prefix}-dead-letters"
  kms_key_name = var.kms_key_name
  labels       = local.labels

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

# Without a subscription a dead-letter topic keeps nothing. 31 days is the longest Pub/Sub keeps a message.
resource "google_pubsub_subscription" "dead_letters" {
  project                    = local.project_id
  name                       = "${var.prefix}-dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"
  labels                     = local.labels

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves a message over: it publishes there and acknowledges here.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = local.project_id
  topic   = google_pubsub_topic.dead_letters.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  project      = local.project_id
  subscription = google_pubsub_subscription.recommendations.name
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_schema" "execution" {
  project    = local.project_id
  name       = "${var.prefix}-execution"
  type       = "PROTOCOL_BUFFER"
  definition = file("${path.module}/schemas/execution.proto")
}

# What happened to executions. Consumers make their own subscriptions, with ordering; a late one can seek back seven days.
resource "google_pubsub_topic" "executions" {
  project                    = local.project_id
  name                       = "${var.prefix}-executions"
  kms_key_name               = var.kms_key_name
  message_retention_duration = "${local.message_retention_sec}s"
  labels                     = local.labels

  schema_settings {
    schema   = google_pubsub_schema.execution.id
    encoding = "JSON"
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}
