# One page for the person on call: what started, what ended, what waits, what it costs.

locals {
  _latency = "run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\",service_name=\"%s\"}"

  # Title, unit, and the lines by their legend.
  _tiles = [
    {
      title = "Launches in an hour"
      lines = {
        launched   = "sum(increase(${local._moments}{${local._on},moment=\"launched\"}[1h]))"
        adopted    = "sum(increase(${local._moments}{${local._on},moment=\"adopted\"}[1h]))"
        relaunched = "sum(increase(${local._moments}{${local._on},moment=\"relaunch\"}[1h]))"
        rejected   = "sum(increase(${local._moments}{${local._on},moment=\"rejected\"}[1h]))"
      }
    },
    {
      title = "Ended in an hour, by status"
      lines = { "$${labels.status}" = "sum by (status) (increase(${local._moments}{${local._on},moment=\"ended\"}[1h]))" }
    },
    {
      title = "Latency of a start and of an API call, 95th percentile (ms)"
      lines = {
        event = "histogram_quantile(0.95, sum by (le) (rate(${format(local._latency, module.functions["on-recommendation"].name)}[10m])))"
        api   = "histogram_quantile(0.95, sum by (le) (rate(${format(local._latency, module.functions["execute"].name)}[10m])))"
      }
    },
    {
      title = "Queue: executions told to wait in ten minutes, events not yet accepted"
      lines = {
        queued = "sum(increase(${local._moments}{${local._on},moment=\"queued\"}[10m]))"
        events = "max(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource=\"pubsub_subscription\",subscription_id=\"${google_pubsub_subscription.recommendations.name}\"})"
      }
    },
    {
      title = "Tick lag: ticks in five minutes (five are due)"
      lines = { ticks = "sum(increase(${local._tick_ms}_count{${local._on}}[5m]))" }
    },
    {
      title = "Tick: duration (ms) and executions looked at, 95th percentile"
      lines = {
        duration = "histogram_quantile(0.95, sum by (le) (rate(${local._tick_ms}_bucket{${local._on}}[10m])))"
        due      = "histogram_quantile(0.95, sum by (le) (rate(${local._tick_due}_bucket{${local._on}}[10m])))"
      }
    },
    {
      title = "Dead letters"
      lines = { messages = "max(${local._dead_letters})" }
    },
    {
      title = "Cost per day (US dollars, settled)"
      lines = { cost = "sum(increase(${local._cost}_sum{${local._on}}[1d])) / 1000000" }
    },
    {
      title = "Trouble in an hour"
      lines = {
        "$${labels.moment}" = "sum by (moment) (increase(${local._moments}{${local._on},moment=~\"attemptFailed|concludeFailed|conflict|damaged|defect|launchAmbiguous|pollFailed|requestFailed|requestRefused|superseded\"}[1h]))"
      }
    },
    {
      title = "API answers in ten minutes, by class"
      lines = {
        "$${labels.response_code_class}" = "sum by (response_code_class) (increase(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=\"${module.functions["execute"].name}\"}[10m]))"
      }
    },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = local.project_id

  dashboard_json = jsonencode({
    displayName = "StreamNova (${var.prefix})"
    labels      = { (local.identifier) = "" }
    mosaicLayout = {
      columns = 48
      tiles = [for index, tile in local._tiles : {
        xPos   = index % 2 * 24
        yPos   = floor(index / 2) * 16
        width  = 24
        height = 16
        widget = {
          title = tile.title
          xyChart = {
            dataSets = [for legend, query in tile.lines : {
              plotType        = "LINE"
              targetAxis      = "Y1"
              legendTemplate  = legend
              timeSeriesQuery = { prometheusQuery = query }
            }]
          }
        }
      }]
    }
  })

  depends_on = [google_logging_metric.distributions, google_logging_metric.moments]
}
