# Whole plans with a mocked provider: what is there, and how it hangs together. Run with: terraform test

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }

  mock_data "google_bigquery_default_service_account" {
    defaults = {
      email = "bq-123456789012@bigquery-encryption.iam.gserviceaccount.com"
    }
  }

  mock_data "google_storage_project_service_account" {
    defaults = {
      email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    }
  }
}

variables {
  project_id   = "my-project"
  region       = "europe-west1"
  load_config  = "examples/streamnova.yaml"
  alert_emails = ["data-platform@example.com"]
  # Any file stands in for the package here.
  package = "versions.tf"
}

run "smallest" {
  command = plan

  assert {
    condition     = length(module.functions) == 3
    error_message = "There must be three functions."
  }

  assert {
    condition     = module.functions["execute"].url == "https://streamnova-execute-123456789012.europe-west1.run.app"
    error_message = "A function's URL must be Cloud Run's deterministic one."
  }

  assert {
    condition     = google_pubsub_subscription.recommendations.push_config[0].oidc_token[0].audience == module.functions["on-recommendation"].url
    error_message = "Pub/Sub must send the audience that onRecommendation asks for."
  }

  assert {
    condition     = google_pubsub_subscription.recommendations.dead_letter_policy[0].max_delivery_attempts == 20
    error_message = "Events must be given up after 20 attempts."
  }

  assert {
    condition     = google_firestore_database.ledger.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.ledger.deletion_policy == "ABANDON"
    error_message = "The ledger must be protected unless somebody says otherwise."
  }

  assert {
    condition     = length(google_cloud_scheduler_job.loads) == 0 && length(google_eventarc_trigger.status_events) == 0 && length(google_compute_network.workers) == 0
    error_message = "Nothing optional may be there by default."
  }

  assert {
    condition     = length(google_firestore_index.executions) == 5
    error_message = "Each query of the ledger needs its index."
  }
}

run "scheduled_loads" {
  command = plan

  variables {
    scheduled_loads = {
      orders  = "0 3 * * *"
      nightly = "0 4 * * *"
    }
    scheduled_load_options = {
      nightly = { load = "orders", mode = "COST_OPTIMAL", paused = true }
    }
  }

  assert {
    condition     = jsondecode(base64decode(google_cloud_scheduler_job.loads["orders"].http_target[0].body)) == { load = "orders" }
    error_message = "Without a mode the load's own candidate must run."
  }

  assert {
    condition     = jsondecode(base64decode(google_cloud_scheduler_job.loads["nightly"].http_target[0].body)) == { load = "orders", mode = "COST_OPTIMAL" }
    error_message = "A mode must be posted with the load."
  }

  assert {
    condition     = google_cloud_scheduler_job.loads["nightly"].paused
    error_message = "A paused schedule must stay paused."
  }
}

run "unprotected" {
  command = plan

  variables {
    protect_data = false
  }

  assert {
    condition     = google_firestore_database.ledger.delete_protection_state == "DELETE_PROTECTION_DISABLED" && google_firestore_database.ledger.deletion_policy == "DELETE"
    error_message = "A destroy must be able to take the ledger."
  }

  assert {
    condition     = google_storage_bucket.config.force_destroy
    error_message = "A destroy must be able to take the configuration bucket."
  }
}

run "two_copies" {
  command = plan

  variables {
    prefix = "second"
  }

  assert {
    condition     = alltrue([for function in module.functions : startswith(function.name, "second-")]) && google_firestore_database.ledger.name == "second"
    error_message = "Names must begin with the prefix."
  }
}

# Applied, because in an empty project the two agents are not known before their APIs are on.
run "own_key" {
  variables {
    kms_key_name = "projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/key"
  }

  assert {
    condition     = google_kms_crypto_key_iam_member.agents["bigquery"].member == "serviceAccount:bq-123456789012@bigquery-encryption.iam.gserviceaccount.com"
    error_message = "BigQuery's agent must be the one Google names when asked, which makes it."
  }

  assert {
    condition     = google_kms_crypto_key_iam_member.agents["storage"].member == "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    error_message = "Cloud Storage's agent must be the one Google names when asked, which makes it."
  }
}
