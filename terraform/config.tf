# The bucket that holds the load configuration and the function package.

resource "google_storage_bucket" "config" {
  project                     = local.project_id
  name                        = "${var.project_id}-${var.prefix}-config"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.protect_data
  labels                      = local.labels

  # Every configuration and package that was ever applied can be looked up for 90 days.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_storage_bucket_object" "load_config" {
  bucket        = google_storage_bucket.config.name
  name          = "streamnova.yaml"
  content       = file(var.load_config)
  content_type  = "application/yaml"
  cache_control = "no-store"
}

locals {
  _package = coalesce(var.package, "${path.root}/../dist/functions.zip")
}

# Named by its content: another package is another object, and only that makes the functions deploy again.
resource "google_storage_bucket_object" "package" {
  bucket       = google_storage_bucket.config.name
  name         = "functions-${filesha256(local._package)}.zip"
  source       = local._package
  content_type = "application/zip"
}
