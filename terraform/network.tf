# Optional network of the workers. Private workers reach Google through Private Google Access; a route to the sources is the owner's.

locals {
  # Full URL, which Dataflow asks for when the network is another project's.
  worker_subnetwork = (
    var.network.create
    ? "https://www.googleapis.com/compute/v1/projects/${local.project_id}/regions/${var.region}/subnetworks/${one(google_compute_subnetwork.workers[*].name)}"
    : var.network.subnetwork
  )
}

resource "google_compute_network" "workers" {
  count = var.network.create ? 1 : 0

  project                 = local.project_id
  name                    = "${var.prefix}-workers"
  description             = "Dataflow workers of ${var.prefix}"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "workers" {
  count = var.network.create ? 1 : 0

  project                  = local.project_id
  name                     = "${var.prefix}-workers"
  description              = "Dataflow workers of ${var.prefix}"
  region                   = var.region
  network                  = one(google_compute_network.workers[*].id)
  ip_cidr_range            = var.network.ip_range
  private_ip_google_access = true
}

# Workers talk to each other on these two ports when a pipeline does not use the shuffle service; Dataflow tags them.
resource "google_compute_firewall" "workers" {
  count = var.network.create ? 1 : 0

  project     = local.project_id
  name        = "${var.prefix}-workers"
  description = "Dataflow workers of ${var.prefix} among themselves"
  network     = one(google_compute_network.workers[*].id)
  direction   = "INGRESS"
  source_tags = ["dataflow"]
  target_tags = ["dataflow"]

  allow {
    protocol = "tcp"
    ports    = ["12345-12346"]
  }
}
