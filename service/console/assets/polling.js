/** Asks again now and then, while somebody looks. */

/**
 * Does something now, and again after so many seconds, until the signal ends it; not while the page is hidden.
 *
 * @param seconds Between the end of one time and the begin of the next.
 * @param act What is done; may return a promise.
 * @param signal Ends it.
 */
export async function repeat(seconds, act, signal) {
  while (!signal?.aborted) {
    await act();
    await new Promise((resolve) => {
      setTimeout(resolve, 1000 * seconds);
    });
    await seen();
  }
}

/** Returns what does something at once, and at most once in so many seconds after; what was asked last is done. */
export function throttled(seconds, act) {
  let busy = false;
  let wanted = false;
  return async function ask() {
    wanted = true;
    if (busy) return;
    busy = true;
    while (wanted) {
      wanted = false;
      await act();
      await new Promise((resolve) => {
        setTimeout(resolve, 1000 * seconds);
      });
    }
    busy = false;
  };
}

function seen() {
  if (!document.hidden) return undefined;
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}
