# Metrics counted from the structured logs, one line a moment (shared/base/log.ts), and the names PromQL knows them by.

locals {
  _services = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.prefix}-(${join("|", sort(keys(local._functions)))})$\""

  # PromQL's names of our metrics: logging.googleapis.com/user/NAME with everything but letters and digits replaced. The resource type is
  # named because a log-based metric could have several.
  _on       = "monitored_resource=\"cloud_run_revision\""
  _promql   = "logging_googleapis_com:user_${local.identifier}"
  _moments  = "${local._promql}_moments"
  _tick_ms  = "${local._promql}_tick_ms"
  _tick_due = "${local._promql}_tick_due"
  _cost     = "${local._promql}_cost_micro_usd"
}

resource "google_logging_metric" "moments" {
  project     = local.project_id
  name        = "${var.prefix}-moments"
  description = "Notable moments by name and, where one is logged, status of the execution"
  filter      = "${local._services} AND jsonPayload.moment:*"

  label_extractors = {
    moment = "EXTRACT(jsonPayload.moment)"
    status = "EXTRACT(jsonPayload.status)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "moment"
      value_type  = "STRING"
      description = "Name in the catalogue of moments"
    }

    labels {
      key         = "status"
      value_type  = "STRING"
      description = "Status of the execution then"
    }
  }
}

resource "google_logging_metric" "distributions" {
  for_each = {
    tick-ms        = { moment = "tick", field = "durationMs", unit = "ms", description = "Duration of a tick" }
    tick-due       = { moment = "tick", field = "count", unit = "1", description = "Executions a tick looked at" }
    cost-micro-usd = { moment = "settled", field = "costMicroUsd", unit = "1", description = "Settled cost of an execution in millionths of a US dollar" }
  }

  project         = local.project_id
  name            = "${var.prefix}-${each.key}"
  description     = each.value.description
  filter          = "${local._services} AND jsonPayload.moment=\"${each.value.moment}\" AND jsonPayload.${each.value.field}:*"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 2
      scale              = 1
    }
  }
}
