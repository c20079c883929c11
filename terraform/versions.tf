# Which Terraform and which provider this folder is written and checked for. The provider exactly: its schemas are what the tests hold the
# files against. Another version: README.md, Upgrade the provider.

terraform {
  required_version = ">= 1.9.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "= 6.50.0"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}
