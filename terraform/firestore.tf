# The ledger: one database, the indexes its queries need, no index its fields do not, and what expires by itself.

resource "google_firestore_database" "ledger" {
  project                           = local.project_id
  name                              = var.prefix
  location_id                       = coalesce(var.firestore_location, var.region)
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.protect_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.protect_data ? "ABANDON" : "DELETE"

  dynamic "cmek_config" {
    for_each = var.kms_key_name[*]
    content {
      kms_key_name = cmek_config.value
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_firestore_backup_schedule" "weekly" {
  project   = local.project_id
  database  = google_firestore_database.ledger.name
  retention = "8467200s"

  weekly_recurrence {
    day = "SUNDAY"
  }
}

locals {
  # One for each query in shared/gcp/firestore-ledger.ts: `due`, and `list` without a filter, by status, by load, by both.
  _indexes = {
    due            = [["nextCheckAt", "ASCENDING"], ["executionId", "ASCENDING"]]
    list           = [["acceptedAt", "DESCENDING"], ["executionId", "DESCENDING"]]
    list-by-load   = [["load", "ASCENDING"], ["acceptedAt", "DESCENDING"], ["executionId", "DESCENDING"]]
    list-by-status = [["status", "ASCENDING"], ["acceptedAt", "DESCENDING"], ["executionId", "DESCENDING"]]
    list-by-both   = [["status", "ASCENDING"], ["load", "ASCENDING"], ["acceptedAt", "DESCENDING"], ["executionId", "DESCENDING"]]
  }

  # Fields no query filters by alone. Times that only grow would put every write on one index tablet (500 a second at most), and maps
  # and lists would cost an index entry for each of their parts. Field "*" would say it shorter, but the provider refuses it
  # (terraform-provider-google#19598). Lines of collection/field, written from the schemas of the documents by test/terraform/refresh.ts.
  _unindexed = compact(split("\n", file("${path.module}/schemas/unindexed-fields.txt")))

  # Collections whose documents carry a time after which nobody needs them (shared/gcp/firestore-documents.ts).
  _expiring = ["idempotency", "spend"]
}

resource "google_firestore_index" "executions" {
  for_each = local._indexes

  project     = local.project_id
  database    = google_firestore_database.ledger.name
  collection  = "executions"
  query_scope = "COLLECTION"

  dynamic "fields" {
    for_each = each.value
    content {
      field_path = fields.value[0]
      order      = fields.value[1]
    }
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = toset(local._unindexed)

  project    = local.project_id
  database   = google_firestore_database.ledger.name
  collection = split("/", each.value)[0]
  field      = split("/", each.value)[1]

  index_config {}
}

resource "google_firestore_field" "expires_at" {
  for_each = toset(local._expiring)

  project    = local.project_id
  database   = google_firestore_database.ledger.name
  collection = each.value
  field      = "expiresAt"

  index_config {}
  ttl_config {}
}
