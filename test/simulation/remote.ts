// Puts a store that answers at once behind a wire: every call of every port goes through one function, which decides its fate.

/** A port as the service behind it sees it: each call carried out in one moment, its answer or error given at once. */
export type Sync<P> = {
  readonly [M in keyof P]: P[M] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never;
};

/** Carries a call of `name` (`port.method`) to the service and its answer back. `apply` carries it out; it may run twice, late or never. */
export type Send = (name: string, apply: () => unknown, args: readonly unknown[]) => Promise<unknown>;

/** The port `port` of `service`, its calls carried by `send`. */
export function remote<P extends object>(port: string, service: Sync<P>, send: Send): P {
  const methods = Object.entries(service as Record<string, (...args: unknown[]) => unknown>).map(
    ([method, carryOut]) =>
      [method, (...args: unknown[]) => send(`${port}.${method}`, () => carryOut(...args), args)] as const,
  );
  return Object.fromEntries(methods) as P;
}

/** A wire without faults. */
export const perfectWire: Send = async (_name, apply) => apply();
