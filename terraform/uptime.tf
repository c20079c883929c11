# Whether the HTTP API answers, asked from outside as Monitoring's service agent: through IAM, the token check, the code and the ledger.

locals {
  uptime_agent = "service-${local.project_number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
}

resource "google_monitoring_uptime_check_config" "api" {
  count = var.uptime_check ? 1 : 0

  project      = local.project_id
  display_name = "${var.prefix}: HTTP API"
  period       = "300s"
  timeout      = "30s"
  user_labels  = local.labels

  http_check {
    path         = "/api/agent/executions?pageSize=1"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }

    # The token's audience is https:// and the host, which is what PUSH_AUDIENCE says.
    service_agent_authentication {
      type = "OIDC_TOKEN"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = local.project_id
      host       = module.functions["execute"].host
    }
  }
}

# After the check: the agent exists once somebody asks for it.
resource "google_cloud_run_v2_service_iam_member" "uptime" {
  count = var.uptime_check ? 1 : 0

  project  = local.project_id
  location = var.region
  name     = module.functions["execute"].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.uptime_agent}"

  depends_on = [google_monitoring_uptime_check_config.api]
}
