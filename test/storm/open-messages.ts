// Which published messages are not acknowledged yet, and which of them the emulator has forgotten.

export type OpenMessages = {
  published(messageIds: readonly string[], runIds: readonly string[]): void;
  acknowledged(messageId: string): void;
  refused(messageId: string): void;
  /** Published and neither acknowledged nor forgotten. */
  count(): number;
  /**
   * The runs of messages refused more than `afterMs` ago and not delivered since; they are open no longer. Google's emulator never
   * delivers some of the messages again whose push failed (measured: up to one in ten with many at a time, whatever back-off or ack
   * deadline is set; they cannot be pulled either). Pub/Sub does not, so whoever publishes here publishes them again.
   */
  forgotten(afterMs: number): string[];
};

export function openMessages(now: () => number = () => performance.now()): OpenMessages {
  const open = new Map<string, { readonly runId: string; refusedAt?: number }>();
  /** A push may be faster than the answer to its publish. */
  const early = new Set<string>();
  return {
    published(messageIds, runIds) {
      for (const [index, messageId] of messageIds.entries()) {
        if (!early.delete(messageId)) open.set(messageId, { runId: runIds[index] ?? '' });
      }
    },
    acknowledged(messageId) {
      if (!open.delete(messageId)) early.add(messageId);
    },
    refused(messageId) {
      const message = open.get(messageId);
      if (message !== undefined) message.refusedAt = now();
    },
    count: () => open.size,
    forgotten(afterMs) {
      const old = [...open].filter(([, { refusedAt }]) => refusedAt !== undefined && now() - refusedAt > afterMs);
      for (const [messageId] of old) open.delete(messageId);
      return old.map(([, { runId }]) => runId);
    },
  };
}
