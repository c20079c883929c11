# What the rest of the system needs of one function.

output "host" {
  description = "Host name of the function, once it can be called."
  value       = local.host
  depends_on  = [google_cloudfunctions2_function.this]
}

output "name" {
  description = "Name of function and Cloud Run service."
  value       = google_cloudfunctions2_function.this.name
}

output "service_account" {
  description = "E-mail of the account it runs as."
  value       = google_service_account.this.email
}

output "url" {
  description = "URL and token audience of the function, once its callers may call it."
  value       = local.url
  depends_on  = [google_cloudfunctions2_function.this, google_cloud_run_v2_service_iam_member.callers]
}
