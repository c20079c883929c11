# Everything an installation may choose, in alphabetical order. Four variables have no default.

variable "alert_emails" {
  description = "E-mail addresses that get the alerts, each with its runbook. An empty set keeps the alerts on the dashboard only."
  type        = set(string)

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "Every entry of alert_emails must be an e-mail address."
  }
}

variable "api_callers" {
  description = "E-mail addresses of service accounts that may call the HTTP API, besides the operator account and Scheduler."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.api_callers : can(regex("^[^@:\\s]+@[^@\\s]+\\.gserviceaccount\\.com$", email))])
    error_message = "Every entry of api_callers must be a service account's e-mail address, without the serviceAccount: prefix: tokens of people carry another audience and are refused."
  }
}

variable "api_ingress" {
  description = "Who can reach the HTTP API before IAM is asked: ALLOW_ALL, ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB. The uptime check needs ALLOW_ALL."
  type        = string
  default     = "ALLOW_ALL"

  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"], var.api_ingress)
    error_message = "api_ingress must be ALLOW_ALL, ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB."
  }
}

variable "cloud_sql" {
  description = "Lets the workers connect to the project's Cloud SQL instances: for sources with cloudSqlInstance, which the socket factory of the workers reaches."
  type        = bool
  default     = false
  nullable    = false
}

variable "config_variables" {
  description = "Values of the load configuration's own variables, by name. Never a secret: name a Secret Manager version in the configuration instead."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.config_variables) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "Names in config_variables must be written in capitals, digits and underscores."
  }
}

variable "daily_budget_usd" {
  description = "Settled cost of one day, in US dollars, above which an alert is raised."
  type        = number
  default     = 100

  validation {
    condition     = var.daily_budget_usd > 0
    error_message = "daily_budget_usd must be more than 0."
  }
}

variable "data_buckets" {
  description = "Existing buckets the workers use beside their own: read (schemas, driver jars, source files, own templates) and write (files of loads to Cloud Storage)."
  type = object({
    read  = optional(set(string), [])
    write = optional(set(string), [])
  })
  default = {}

  validation {
    condition = alltrue([
      for bucket in setunion(var.data_buckets.read, var.data_buckets.write) : can(regex("^[a-z0-9][a-z0-9._-]+[a-z0-9]$", bucket))
    ])
    error_message = "data_buckets holds bucket names, without gs:// and without a path."
  }
}

variable "delivery" {
  description = "How the push subscription delivers a recommendation again: growing pauses in seconds, and how many attempts before the dead-letter topic."
  type = object({
    minimum_backoff_sec = optional(number, 10)
    maximum_backoff_sec = optional(number, 600)
    max_attempts        = optional(number, 20)
  })
  default = {}

  validation {
    condition     = var.delivery.max_attempts >= 5 && var.delivery.max_attempts <= 100
    error_message = "delivery.max_attempts must be 5 to 100 (Pub/Sub's limits)."
  }

  validation {
    condition = (
      var.delivery.minimum_backoff_sec >= 1
      && var.delivery.minimum_backoff_sec <= var.delivery.maximum_backoff_sec
      && var.delivery.maximum_backoff_sec <= 600
    )
    error_message = "delivery back-off must be 1 to 600 seconds (Pub/Sub's limits), the minimum not above the maximum."
  }
}

variable "firestore_location" {
  description = "Location of the ledger, a region or a multi-region such as eur3. Default: the region."
  type        = string
  default     = null

  validation {
    condition     = var.firestore_location == null || can(regex("^[a-z]+[a-z0-9-]*[0-9]$", var.firestore_location))
    error_message = "firestore_location must be a Firestore location such as europe-west1 or eur3."
  }
}

variable "image_repositories" {
  description = "Existing Artifact Registry repositories the workers pull images from, of own templates and of sdkContainerImage: projects/P/locations/L/repositories/R."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.image_repositories : can(regex("^projects/[^/]+/locations/[^/]+/repositories/[^/]+$", id))])
    error_message = "Every entry of image_repositories must read projects/P/locations/L/repositories/R."
  }
}

variable "kms_key_name" {
  description = "Cloud KMS key that encrypts ledger, topics, buckets, functions and datasets: projects/P/locations/L/keyRings/R/cryptoKeys/K. Default: Google's keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "kms_key_name must read projects/P/locations/L/keyRings/R/cryptoKeys/K."
  }
}

variable "labels" {
  description = "Labels put on everything that can carry them, besides app, instance and managed-by."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "Labels are lower case letters, digits, _ and -, keys beginning with a letter, at most 63 characters."
  }
}

variable "load_config" {
  description = "Path of the load configuration (YAML) to upload; a change reaches every instance within a minute of the apply."
  type        = string

  validation {
    condition     = fileexists(var.load_config) && can(yamldecode(file(var.load_config)))
    error_message = "load_config must be the path of a readable YAML file; check it with npm run check-config."
  }
}

variable "network" {
  description = "Network of workers and functions. subnetwork: of the workers (regions/R/subnetworks/S, or a full URL). create: make a network and subnetwork of ip_range. private_workers: no public addresses. vpc_connector: lets the functions reach private sources to profile them."
  type = object({
    create          = optional(bool, false)
    ip_range        = optional(string, "10.64.0.0/20")
    private_workers = optional(bool, false)
    subnetwork      = optional(string)
    vpc_connector   = optional(string)
  })
  default = {}

  validation {
    condition     = !(var.network.create && var.network.subnetwork != null)
    error_message = "Give either network.create or network.subnetwork, not both."
  }

  validation {
    condition     = !var.network.private_workers || var.network.create || var.network.subnetwork != null
    error_message = "Private workers need a subnetwork with Private Google Access: set network.create or network.subnetwork."
  }

  validation {
    condition     = can(cidrhost(var.network.ip_range, 0))
    error_message = "network.ip_range must be a CIDR range such as 10.64.0.0/20."
  }
}

variable "operators" {
  description = "Who may act as the operator account, which may call the HTTP API: members such as user:ann@example.com or group:data@example.com."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount|principal|principalSet):.+$", member))])
    error_message = "Every entry of operators must be an IAM member such as user:ann@example.com."
  }
}

variable "otlp_endpoint" {
  description = "OpenTelemetry collector that gets traces, for example https://telemetry.googleapis.com. Default: no traces."
  type        = string
  default     = null

  validation {
    condition     = var.otlp_endpoint == null || can(regex("^https?://[^\\s/]+", var.otlp_endpoint))
    error_message = "otlp_endpoint must be an http(s) URL without the /v1/traces path."
  }
}

variable "package" {
  description = "Path of the zip with the functions. Default: the one npm run package writes."
  type        = string
  default     = null

  validation {
    condition     = fileexists(coalesce(var.package, "${path.root}/../dist/functions.zip"))
    error_message = "There is no function package: run npm ci, npm run build and npm run package in the project's root first."
  }
}

variable "prefix" {
  description = "Begins every name, so that several copies can live in one project."
  type        = string
  default     = "streamnova"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,10}[a-z0-9]$", var.prefix))
    error_message = "prefix must be 4 to 12 lower case letters, digits and hyphens, beginning with a letter: account ids have room for no more."
  }
}

variable "project_id" {
  description = "Project that gets everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project id (not its number or display name)."
  }
}

variable "protect_data" {
  description = "Keeps ledger, buckets and datasets from being deleted. Set to false and apply before a destroy that shall take them too."
  type        = bool
  default     = true
  nullable    = false
}

variable "recommenders" {
  description = "Who may publish recommendation events and write recommendation documents: members such as serviceAccount:recommender@p.iam.gserviceaccount.com."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.recommenders : can(regex("^(user|group|serviceAccount|principal|principalSet):.+$", member))])
    error_message = "Every entry of recommenders must be an IAM member such as serviceAccount:name@project.iam.gserviceaccount.com."
  }
}

variable "region" {
  description = "Region of functions, jobs and buckets, for example europe-west1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1."
  }
}

variable "scheduled_load_options" {
  description = "What the entries of scheduled_loads may say besides, by the same name. load: default the name. mode: recommend first; without it the load's own candidate runs (policy.configOnlyRuns). scenario: of the configuration. time_zone: default UTC."
  type = map(object({
    load      = optional(string)
    mode      = optional(string)
    scenario  = optional(string)
    time_zone = optional(string)
    paused    = optional(bool)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.scheduled_load_options) : contains(keys(var.scheduled_loads), name)])
    error_message = "Every name in scheduled_load_options must be one that stands in scheduled_loads too."
  }

  validation {
    condition = alltrue([
      for entry in values(var.scheduled_load_options) : entry.mode == null ? true : contains(["COST_OPTIMAL", "FAST_LOAD", "BALANCED"], entry.mode)
    ])
    error_message = "mode must be COST_OPTIMAL, FAST_LOAD or BALANCED; leave it out to run the load's own candidate."
  }
}

variable "scheduled_loads" {
  description = "Loads that Cloud Scheduler starts: { name = cron }, the name being the load's unless scheduled_load_options says otherwise."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.scheduled_loads) : can(regex("^[a-z][a-z0-9_-]{0,99}$", name))])
    error_message = "Names in scheduled_loads must be lower case letters, digits, _ and -, beginning with a letter; name the load in scheduled_load_options if it is called otherwise."
  }

  validation {
    condition     = alltrue([for cron in values(var.scheduled_loads) : length(split(" ", trimspace(cron))) == 5])
    error_message = "Every schedule must be a cron expression of five fields, such as 0 3 * * *."
  }
}

variable "secrets" {
  description = "Ids of existing secrets of this project that hold the sources' credentials; workers and functions may read them, and no other secret."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", id))])
    error_message = "secrets holds secret ids such as orders-db-password, not paths and never values."
  }
}

variable "source_datasets" {
  description = "BigQuery datasets the workers may read from, for loads from BigQuery to Cloud Storage: DATASET, or PROJECT.DATASET of another project."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.source_datasets : can(regex("^([a-z][a-z0-9-]{4,28}[a-z0-9]\\.)?[A-Za-z0-9_]+$", id))])
    error_message = "Every entry of source_datasets must read DATASET or PROJECT.DATASET."
  }
}

variable "source_keys" {
  description = "Cloud KMS keys the workers may decrypt with, for sources with kmsKeyName, whose address and credentials are encrypted: projects/P/locations/L/keyRings/R/cryptoKeys/K."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for key in var.source_keys : can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", key))])
    error_message = "Every entry of source_keys must read projects/P/locations/L/keyRings/R/cryptoKeys/K."
  }
}

variable "status_events" {
  description = "Wakes pollJobs by Dataflow's own status events too, through Eventarc, besides the tick every minute."
  type        = bool
  default     = false
  nullable    = false
}

variable "target_datasets" {
  description = "BigQuery datasets the workers may write to, by id. create: make the dataset here; false: it exists in this project. location: of a created one, default the region."
  type = map(object({
    create   = optional(bool, true)
    location = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for id in keys(var.target_datasets) : can(regex("^[A-Za-z0-9_]+$", id))])
    error_message = "Dataset ids are letters, digits and underscores."
  }
}

variable "timing" {
  description = "The engine's times in milliseconds; each is the environment variable of the same name in capitals. The lease follows from them."
  type = object({
    launch_deadline_ms = optional(number, 60000)
    launch_lateness_ms = optional(number, 60000)
    clock_skew_ms      = optional(number, 60000)
    launch_slack_ms    = optional(number, 30000)
    list_lag_ms        = optional(number, 60000)
    poll_young_ms      = optional(number, 30000)
    poll_steady_ms     = optional(number, 120000)
    queue_retry_ms     = optional(number, 30000)
    settle_after_ms    = optional(number, 300000)
    tick_budget_ms     = optional(number, 50000)
  })
  default = {}

  validation {
    condition     = alltrue([for value in values(var.timing) : value >= 0 && value <= 3600000 && floor(value) == value])
    error_message = "Every time must be a whole number of milliseconds, at most an hour."
  }
}

variable "uptime_check" {
  description = "Asks the HTTP API every five minutes whether it answers, as Monitoring's service agent. Needs api_ingress ALLOW_ALL."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = !var.uptime_check || var.api_ingress == "ALLOW_ALL"
    error_message = "The uptime check comes from the internet: set uptime_check to false, or api_ingress to ALLOW_ALL."
  }
}
