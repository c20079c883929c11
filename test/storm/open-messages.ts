// Which published messages are not acknowledged yet, and which of them the emulator has forgotten.

export type OpenMessages = {
  published(subscription: string, messageIds: readonly string[], runIds: readonly string[]): void;
  /** A push arrived. */
  pushed(subscription: string): void;
  /** A push was answered. */
  answered(subscription: string, messageId: string, acknowledged: boolean): void;
  /** Published and not acknowledged. */
  count(): number;
  /** Of these, how many the emulator is still busy with: never delivered, or refused only lately. */
  busy(): number;
  /**
   * The runs of messages that were refused some time ago while their subscription has nothing to do; they are open no longer. Google's
   * emulator never delivers some of the messages again whose push failed (measured: up to one in ten with many at a time, whatever
   * back-off or ack deadline is set; they cannot be pulled either). Pub/Sub does not, so whoever publishes here publishes them again.
   */
  forgotten(): string[];
};

type Message = { readonly runId: string; readonly subscription: string; refusedAt?: number };

/** `afterMs`: longer than any back-off. */
export function openMessages(options: { readonly afterMs: number; now?(): number }): OpenMessages {
  const { afterMs, now = () => performance.now() } = options;
  const open = new Map<string, Message>();
  /** A push may be faster than the answer to its publish. */
  const early = new Set<string>();
  const activity = new Map<string, { inFlight: number; lastAt: number }>();

  function touch(subscription: string, change: 1 | -1): void {
    const { inFlight } = activity.get(subscription) ?? { inFlight: 0 };
    activity.set(subscription, { inFlight: inFlight + change, lastAt: now() });
  }
  const isOverdue = ({ refusedAt }: Message) => refusedAt !== undefined && now() - refusedAt > afterMs;
  function isIdle(subscription: string): boolean {
    const { inFlight, lastAt } = activity.get(subscription) ?? { inFlight: 0, lastAt: 0 };
    return inFlight === 0 && now() - lastAt > afterMs;
  }

  return {
    published(subscription, messageIds, runIds) {
      for (const [index, messageId] of messageIds.entries()) {
        if (!early.delete(messageId)) open.set(messageId, { runId: runIds[index] ?? '', subscription });
      }
    },
    pushed: (subscription) => touch(subscription, 1),
    answered(subscription, messageId, acknowledged) {
      touch(subscription, -1);
      const message = open.get(messageId);
      if (!acknowledged && message !== undefined) message.refusedAt = now();
      if (acknowledged && !open.delete(messageId)) early.add(messageId);
    },
    count: () => open.size,
    busy: () => [...open.values()].filter((message) => !isOverdue(message)).length,
    forgotten() {
      const lost = [...open].filter(([, message]) => isOverdue(message) && isIdle(message.subscription));
      for (const [messageId] of lost) open.delete(messageId);
      return lost.map(([, { runId }]) => runId);
    },
  };
}
