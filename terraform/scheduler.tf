# What happens by the clock: the tick of the engine, and the loads that start on a schedule.

resource "google_cloud_scheduler_job" "tick" {
  project          = local.project_id
  region           = var.region
  name             = "${var.prefix}-tick"
  description      = "Calls pollJobs every minute"
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.function_timeout_sec}s"

  # Two ticks at once do no harm, so a failed one is tried again at once.
  retry_config {
    retry_count          = 3
    min_backoff_duration = "5s"
    max_backoff_duration = "20s"
    max_doublings        = 2
  }

  http_target {
    uri         = module.functions["poll-jobs"].url
    http_method = "POST"

    oidc_token {
      service_account_email = google_service_account.tick.email
      audience              = module.functions["poll-jobs"].url
    }
  }
}

locals {
  _scheduled_loads = {
    for name, cron in var.scheduled_loads : name => merge(
      { load = name, mode = null, scenario = null, time_zone = "Etc/UTC", paused = false },
      { for option, value in try(var.scheduled_load_options[name], {}) : option => value if value != null },
    )
  }
}

# Scheduler names the scheduled time in X-CloudScheduler-ScheduleTime; the API takes job name and time as the idempotency key, so that a
# run that fires twice, or is tried again, starts one execution.
resource "google_cloud_scheduler_job" "loads" {
  for_each = local._scheduled_loads

  project          = local.project_id
  region           = var.region
  name             = "${var.prefix}-load-${each.key}"
  description      = "Starts load ${each.value.load}${each.value.mode == null ? "" : ", ${each.value.mode}"}"
  schedule         = var.scheduled_loads[each.key]
  time_zone        = each.value.time_zone
  paused           = each.value.paused
  attempt_deadline = "${local.function_timeout_sec}s"

  retry_config {
    retry_count          = 5
    min_backoff_duration = "30s"
    max_backoff_duration = "600s"
    max_doublings        = 5
  }

  http_target {
    uri         = "${module.functions["execute"].url}/api/agent/execute"
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body = base64encode(jsonencode(merge(
      { load = each.value.load },
      each.value.mode == null ? {} : { mode = each.value.mode },
      each.value.scenario == null ? {} : { overrides = { scenario = each.value.scenario } },
    )))

    oidc_token {
      service_account_email = google_service_account.schedule.email
      audience              = module.functions["execute"].url
    }
  }
}
