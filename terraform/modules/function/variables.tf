# What one function is given.

variable "also_accepts" {
  description = "E-mails the function's code accepts too, whose right to call is granted elsewhere: an account that does not exist yet."
  type        = list(string)
  default     = []
}

variable "build" {
  description = "Where its package is (bucket, object), where its image goes (repository id) and who builds it (service account id)."
  type = object({
    bucket          = string
    object          = string
    repository      = string
    service_account = string
  })
}

variable "callers" {
  description = "Service accounts that may call it, e-mail by a name known before they exist."
  type        = map(string)

  validation {
    condition     = length(var.callers) > 0
    error_message = "A function nobody may call would be dead; give at least one caller."
  }
}

variable "config_bucket" {
  description = "Bucket of the load configuration."
  type        = string
}

variable "dataflow_permissions" {
  description = "Permissions on Dataflow, which become a custom role of its own."
  type        = list(string)

  validation {
    condition     = alltrue([for permission in var.dataflow_permissions : startswith(permission, "dataflow.")])
    error_message = "Only dataflow.* permissions belong here; give others where their resource stands."
  }
}

variable "description" {
  description = "One sentence: what it does."
  type        = string
}

variable "entry_point" {
  description = "Name it is registered under in functions/index.ts."
  type        = string
}

variable "environment" {
  description = "Environment variables besides those the module sets itself."
  type        = map(string)
}

variable "ingress" {
  description = "ALLOW_ALL, ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB."
  type        = string
}

variable "kms_key_name" {
  description = "Cloud KMS key for its source and image, or null."
  type        = string
  default     = null
}

variable "labels" {
  description = "Labels of the function."
  type        = map(string)
}

variable "lease_sec" {
  description = "The engine's lease, which the function must not outlive."
  type        = number
}

variable "ledger" {
  description = "Name of the Firestore database it reads and writes."
  type        = string
}

variable "name" {
  description = "Name of function, service and account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "The name is also an account id: 6 to 30 lower case letters, digits and hyphens."
  }
}

variable "project_id" {
  description = "Project."
  type        = string
}

variable "project_number" {
  description = "Number of the project, which is part of the function's URL."
  type        = string
}

variable "publishes" {
  description = "Topics it publishes to."
  type        = list(string)
}

variable "region" {
  description = "Region."
  type        = string
}

variable "role_id" {
  description = "Id of its custom role."
  type        = string
}

variable "scaling" {
  description = "Requests an instance works on at a time, and instances at most. None is kept warm."
  type = object({
    concurrency = number
    max_count   = number
  })
}

variable "secrets" {
  description = "Ids of the secrets it may read, to profile sources."
  type        = set(string)
}

variable "template_buckets" {
  description = "Buckets of own templates, which a launch reads as the caller."
  type        = set(string)
}

variable "timeout_sec" {
  description = "How long a request may take."
  type        = number
}

variable "traces" {
  description = "Whether it may write traces to Google's Telemetry API."
  type        = bool
}

variable "vpc_connector" {
  description = "Serverless VPC connector for private addresses, or null."
  type        = string
  default     = null
}

variable "worker_account" {
  description = "Full name of the service account its jobs run as: the only one it may act as."
  type        = string
}
