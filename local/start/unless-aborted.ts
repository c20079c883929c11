// Lets go of work that cannot be stopped itself as soon as somebody wants to leave.

/**
 * What `work` answers, or a rejection with the signal's reason as soon as it is aborted. The work goes on unheard: it must not hold
 * anything that has to be given back.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const leave = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    const working = work();
    // Also when nobody waits for it any more, its failure is nobody's.
    working.catch(() => {});
    return await Promise.race([working, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
