# The smallest installation; every other input has a default (see README.md, Inputs).
project_id   = "my-project"
region       = "europe-west1"
load_config  = "examples/streamnova.yaml"
alert_emails = ["data-platform@example.com"]

# What this example's load configuration needs besides.
config_variables = { SHOP_HOST = "10.20.30.40" }
secrets          = ["shop-user", "shop-password"]
target_datasets  = { warehouse = {} }
operators        = ["user:ann@example.com"]
scheduled_loads  = { orders = "0 3 * * *" }
