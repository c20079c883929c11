# What a user runs next, and what other systems need.

output "api_url" {
  description = "Base URL of the HTTP API; also the audience of its callers' tokens."
  value       = module.functions["execute"].url
}

output "call_api" {
  description = "Command that lists executions as the operator account; put any other path and method in its place."
  value       = "curl -H \"Authorization: Bearer $(gcloud auth print-identity-token --impersonate-service-account=${google_service_account.operator.email} --audiences=${module.functions["execute"].url} --include-email)\" ${module.functions["execute"].url}/api/agent/executions"
}

output "dashboard" {
  description = "Address of the dashboard."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${element(split("/", google_monitoring_dashboard.this.id), 3)}?project=${local.project_id}"
}

output "dead_letters_subscription" {
  description = "Subscription that holds what could not be delivered; npm run replay-dead-letters takes it."
  value       = google_pubsub_subscription.dead_letters.id
}

output "executions_topic" {
  description = "Topic of outcome and lifecycle events; subscribe with message ordering."
  value       = google_pubsub_topic.executions.id
}

output "ledger" {
  description = "Firestore database with executions, recommendations and cohorts."
  value       = google_firestore_database.ledger.id
}

output "publish_recommendation" {
  description = "Command that asks for one run of a recommendation; put its runId in place of RUN_ID."
  value       = "gcloud pubsub topics publish ${google_pubsub_topic.recommendations.id} --message='{\"runId\": \"RUN_ID\"}'"
}

output "recommendations_topic" {
  description = "Topic recommendation events are published to."
  value       = google_pubsub_topic.recommendations.id
}

output "replay_dead_letters" {
  description = "Command that shows what is in the dead-letter subscription; --yes publishes it again."
  value       = "npm run replay-dead-letters -- --subscription ${google_pubsub_subscription.dead_letters.id} --topic ${google_pubsub_topic.recommendations.id}"
}

output "service_accounts" {
  description = "Accounts by what they do: the functions', the workers', and those that call."
  value = merge(
    { for name, function in module.functions : name => function.service_account },
    {
      build    = google_service_account.build.email
      operator = google_service_account.operator.email
      push     = google_service_account.push.email
      schedule = google_service_account.schedule.email
      tick     = google_service_account.tick.email
      worker   = google_service_account.worker.email
    },
  )
}

output "staging_bucket" {
  description = "Bucket of temporary and staging files; a load configuration writes it as $${TEMP_LOCATION} and $${STAGING_LOCATION}."
  value       = google_storage_bucket.staging.url
}

output "start_scheduled_load" {
  description = "Commands that start each scheduled load now."
  value       = { for name, job in google_cloud_scheduler_job.loads : name => "gcloud scheduler jobs run ${job.name} --location=${var.region} --project=${local.project_id}" }
}
