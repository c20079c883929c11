# How the times depend on each other: function timeout < lease < the sum of the delivery pauses. Computed once, held by preconditions.

locals {
  # shared/engine/settings.ts, leaseMs: slack to get to the launch, plus everything a launch request may take.
  lease_sec = ceil((
    var.timing.launch_slack_ms + var.timing.launch_deadline_ms + var.timing.launch_lateness_ms + 2 * var.timing.clock_skew_ms
  ) / 1000)

  # The longest a request may work before its launch (slack, or a tick's budget), the launch itself, and a minute to look it up and record
  # it. Less than the lease, or an instance that outlives its lease could launch a second time.
  function_timeout_sec = ceil((max(var.timing.launch_slack_ms, var.timing.tick_budget_ms) + var.timing.launch_deadline_ms) / 1000) + 60

  # shared/engine/settings.ts, recommendationWaitMs: how long an event waits for its recommendation before it is rejected on record.
  recommendation_wait_sec = 600

  # Pub/Sub grows the pause from the minimum to the maximum; doubling is assumed, and only half of the sum is counted on, because pauses are randomised.
  _pauses_sec = [
    for attempt in range(var.delivery.max_attempts - 1) :
    min(var.delivery.minimum_backoff_sec * pow(2, attempt), var.delivery.maximum_backoff_sec)
  ]
  backoff_sum_sec     = sum(local._pauses_sec)
  backoff_counted_sec = floor(local.backoff_sum_sec / 2)

  # The push subscription waits this long for an answer; longer than the function may take, or a slow delivery would be made twice.
  ack_deadline_sec = local.function_timeout_sec + 10

  message_retention_sec = 7 * 24 * 3600
}
