# Who calls and who builds: accounts without any right but the one beside them. The functions' own accounts stand in modules/function.

resource "google_service_account" "push" {
  project      = local.project_id
  account_id   = "${var.prefix}-push"
  display_name = "${var.prefix}: delivers recommendations to onRecommendation"
}

# Pub/Sub signs the push token as this account, and as no other.
resource "google_service_account_iam_member" "push_token" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  depends_on = [google_pubsub_topic.recommendations]
}

resource "google_service_account" "tick" {
  project      = local.project_id
  account_id   = "${var.prefix}-tick"
  display_name = "${var.prefix}: calls pollJobs every minute"
}

resource "google_service_account" "schedule" {
  project      = local.project_id
  account_id   = "${var.prefix}-schedule"
  display_name = "${var.prefix}: starts scheduled loads over the API"
}

resource "google_service_account" "operator" {
  project      = local.project_id
  account_id   = "${var.prefix}-operator"
  display_name = "${var.prefix}: whom people act as to call the API"
}

# People sign in as themselves and take this account's token: the API checks audience and e-mail, which a person's own token does not fit.
resource "google_service_account_iam_member" "operators" {
  for_each = var.operators

  service_account_id = google_service_account.operator.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.value
}

resource "google_service_account" "build" {
  project      = local.project_id
  account_id   = "${var.prefix}-build"
  display_name = "${var.prefix}: builds the functions"
}

resource "google_project_iam_member" "build_logs" {
  project = local.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# Cloud Functions copies the package into this bucket of its own before it builds.
resource "google_project_iam_member" "build_source" {
  project = local.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title       = "function-sources-only"
    description = "The bucket Cloud Functions builds from"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${local.project_number}-${var.region}\")"
  }
}

resource "google_artifact_registry_repository" "images" {
  project       = local.project_id
  location      = var.region
  repository_id = "${var.prefix}-functions"
  description   = "Images of the functions, built by Cloud Functions"
  format        = "DOCKER"
  kms_key_name  = var.kms_key_name
  labels        = local.labels

  cleanup_policy_dry_run = false

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_artifact_registry_repository_iam_member" "build_images" {
  project    = local.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
