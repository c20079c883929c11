# Optional: Dataflow's own status events wake pollJobs, which then looks at the one job. A hint, never truth; the tick stays.

resource "google_project_iam_member" "status_events" {
  count = var.status_events ? 1 : 0

  project = local.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.tick.member
}

resource "google_eventarc_trigger" "status_events" {
  count = var.status_events ? 1 : 0

  project         = local.project_id
  location        = var.region
  name            = "${var.prefix}-job-status"
  service_account = google_service_account.tick.email
  labels          = local.labels

  # What shared/schema/status-event.ts reads.
  event_data_content_type = "application/json"

  matching_criteria {
    attribute = "type"
    value     = "google.cloud.dataflow.job.v1beta3.statusChanged"
  }

  destination {
    cloud_run_service {
      service = module.functions["poll-jobs"].name
      region  = var.region
    }
  }

  depends_on = [google_project_iam_member.status_events]
}
