// The topic of outcomes in memory: everything that was published, in order.

import type { Outcomes, OutgoingEvent } from '../../shared/engine/ports.ts';
import type { Sync } from './remote.ts';

export type MemoryOutcomes = { readonly port: Sync<Outcomes>; readonly events: readonly OutgoingEvent[] };

export function memoryOutcomes(onEvent: (event: OutgoingEvent) => void = () => {}): MemoryOutcomes {
  const events: OutgoingEvent[] = [];
  const port: Sync<Outcomes> = {
    publish(event) {
      onEvent(event);
      events.push(event);
    },
  };
  return { port, events };
}
