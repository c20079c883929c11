# The provider comes from the root module, which is this module's only user: so the version is the same, and as exact.

terraform {
  required_version = ">= 1.9.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "= 6.50.0"
    }
  }
}
