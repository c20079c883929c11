# What must be refused before anything is made. Run with: terraform test

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }
}

variables {
  project_id   = "my-project"
  region       = "europe-west1"
  load_config  = "examples/streamnova.yaml"
  alert_emails = []
  package      = "versions.tf"
}

run "impatient_delivery" {
  command = plan

  variables {
    delivery = { max_attempts = 8 }
  }

  expect_failures = [google_pubsub_subscription.recommendations]
}

run "no_configuration" {
  command = plan

  variables {
    load_config = "nowhere.yaml"
  }

  expect_failures = [var.load_config]
}

run "no_package" {
  command = plan

  variables {
    package = "nowhere.zip"
  }

  expect_failures = [var.package]
}

run "long_prefix" {
  command = plan

  variables {
    prefix = "streamnova-production"
  }

  expect_failures = [var.prefix]
}

run "private_workers_without_network" {
  command = plan

  variables {
    network = { private_workers = true }
  }

  expect_failures = [var.network]
}
