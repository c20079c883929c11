# Names, labels, the project and the APIs: what every other file builds on.

data "google_project" "this" {
  project_id = var.project_id
}

locals {
  _apis = concat(
    [
      "artifactregistry", "bigquery", "cloudbuild", "cloudfunctions", "cloudscheduler", "compute", "dataflow", "firestore", "iam",
      "iamcredentials", "logging", "monitoring", "pubsub", "run", "secretmanager", "storage",
    ],
    var.status_events ? ["eventarc"] : [],
    local.telemetry_api ? ["telemetry"] : [],
    var.kms_key_name == null && length(var.source_keys) == 0 ? [] : ["cloudkms"],
    var.cloud_sql ? ["sqladmin"] : [],
  )

  # Taken from the enabled APIs, so that whatever names the project waits for them.
  project_id     = one(distinct([for service in google_project_service.this : service.project]))
  project_number = data.google_project.this.number

  labels = merge(var.labels, {
    app        = "streamnova"
    instance   = var.prefix
    managed-by = "terraform"
  })

  # Names that one project holds once, in the form custom roles and datasets take.
  identifier = replace(var.prefix, "-", "_")
}

resource "google_project_service" "this" {
  for_each = toset(local._apis)

  project            = var.project_id
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}
