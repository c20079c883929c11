# When somebody is called, and the runbook that comes with the call.

locals {
  _dead_letters = "pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\",subscription_id=\"${google_pubsub_subscription.dead_letters.name}\"}"
  _oldest_event = "pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\",subscription_id=\"${google_pubsub_subscription.recommendations.name}\"}"

  # One for each file in runbooks/, by its name. `holds`: how long it must be true; queries look back far enough to need no more.
  _alerts = merge(
    {
      dead-letters = {
        title    = "Recommendations ended in the dead-letter topic"
        severity = "ERROR"
        query    = "max(max_over_time(${local._dead_letters}[10m])) > 0"
        holds    = "0s"
      }
      tick-late = {
        title    = "No tick of pollJobs for five minutes"
        severity = "CRITICAL"
        query    = "absent_over_time(${local._tick_ms}_count{${local._on}}[5m])"
        holds    = "60s"
      }
      stale-executions = {
        title    = "Executions whose jobs could not be read for an hour"
        severity = "WARNING"
        query    = "sum(increase(${local._moments}{${local._on},moment=\"stale\"}[15m])) > 0"
        holds    = "0s"
      }
      failure-rate = {
        title    = "More than a fifth of the executions of six hours failed"
        severity = "WARNING"
        query    = "sum(increase(${local._moments}{${local._on},moment=\"ended\",status=\"FAILED\"}[6h])) / sum(increase(${local._moments}{${local._on},moment=\"ended\"}[6h])) > 0.2"
        holds    = "0s"
      }
      spend = {
        title    = "Settled cost of a day above ${var.daily_budget_usd} US dollars"
        severity = "WARNING"
        query    = "sum(increase(${local._cost}_sum{${local._on}}[1d])) > ${var.daily_budget_usd * 1000000}"
        holds    = "0s"
      }
      defects = {
        title    = "An unexpected error, or a stored document that cannot be read"
        severity = "ERROR"
        query    = "sum(increase(${local._moments}{${local._on},moment=~\"damaged|defect\"}[10m])) > 0"
        holds    = "0s"
      }
      outcomes-unpublished = {
        title    = "Steps after the end of executions keep failing"
        severity = "ERROR"
        query    = "sum(increase(${local._moments}{${local._on},moment=\"concludeFailed\"}[30m])) > 10"
        holds    = "0s"
      }
      delivery-backlog = {
        title    = "A recommendation waits longer than any healthy delivery takes"
        severity = "WARNING"
        query    = "max(max_over_time(${local._oldest_event}[5m])) > ${local.recommendation_wait_sec + local.lease_sec}"
        holds    = "0s"
      }
    },
    !var.uptime_check ? {} : {
      api-down = {
        title    = "The HTTP API does not answer"
        severity = "ERROR"
        query    = "avg(avg_over_time(monitoring_googleapis_com:uptime_check_check_passed{monitored_resource=\"uptime_url\",check_id=\"${one(google_monitoring_uptime_check_config.api[*].uptime_check_id)}\"}[15m])) < 0.5"
        holds    = "0s"
      }
    },
  )
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = local.project_id
  display_name = "${var.prefix}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = local.labels
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local._alerts

  project               = local.project_id
  display_name          = "${var.prefix}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
  user_labels           = merge(local.labels, { runbook = each.key })

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = each.value.holds
      evaluation_interval = "60s"
      # A metric that was never written does not exist yet.
      disable_metric_validation = true
    }
  }

  documentation {
    subject   = "${var.prefix}: ${each.value.title}"
    content   = file("${path.module}/runbooks/${each.key}.md")
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_logging_metric.distributions, google_logging_metric.moments]
}
