/** Keeps this process from all work for some milliseconds, as a machine does that has other work: what comes meanwhile lies there. */
export function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
