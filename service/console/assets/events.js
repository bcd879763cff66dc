/**
 * Follows server-sent events, and takes up where it was after a break.
 *
 *     follow(`/v1/studies/${id}/events`, scores.last_event, {
 *       trial: (data) => chart.add(data),
 *       state: (data) => showState(data.state),
 *     }, signal);
 *
 * Nothing is followed while nobody looks: browsers open few connections to one server, for all tabs together.
 */

import { fail } from "./notice.js";
import { connection, get, pause } from "./server.js";

/**
 * @param path Where the events are.
 * @param last Id of the last event that is known.
 * @param handlers What to do with the data of each kind of event.
 * @param signal Ends it.
 */
export function follow(path, last, handlers, signal) {
  let source = null;
  let failures = 0;

  function open() {
    source = new EventSource(`${path}?after=${last}`);
    source.addEventListener("open", () => {
      failures = 0;
      connection.dispatchEvent(new Event("found"));
    });
    source.addEventListener("error", again);
    for (const [kind, handle] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => {
        last = Number(event.lastEventId);
        handle(JSON.parse(event.data));
      });
    }
  }

  // Opened anew each time, rather than by the browser: it gives up for good on some answers, and waits long on others.
  async function again() {
    close();
    failures += 1;
    await pause(failures - 1, signal);
    try {
      // Waits while the server is away, and finds out whether it still knows who asks.
      if (failures > 1) await get("/v1/session", signal);
    } catch (error) {
      if (!signal?.aborted) fail(error);
      return;
    }
    look();
  }

  function close() {
    source?.close();
    source = null;
  }

  function look() {
    if (document.hidden || signal?.aborted) close();
    else if (source === null) open();
  }

  document.addEventListener("visibilitychange", look, { signal });
  signal?.addEventListener("abort", close);
  look();
}
