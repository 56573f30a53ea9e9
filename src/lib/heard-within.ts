/**
 * A signal that is aborted after some milliseconds, but not before this process has heard what came to it by then.
 * `AbortSignal.timeout` is aborted first: a process that was kept from its work finds its timers due before it looks
 * at its sockets, and takes an answer that has been there for long for none.
 */
export function heardWithin(milliseconds: number): AbortSignal {
  const over = new AbortController();
  onceHeard(milliseconds, () => over.abort(new Error('no answer in time')));
  return over.signal;
}

/** Acts after some milliseconds, but not before this process has heard what came to it by then. Returns what prevents it. */
export function onceHeard(milliseconds: number, act: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const due = () => {
    // Node looks at its sockets between timers and immediates.
    turn = setImmediate(act);
  };
  const timer = setTimeout(due, milliseconds).unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
