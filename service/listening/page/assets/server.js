/** Asking the server, and asking again while it cannot be reached. */

const ANSWER_SECONDS = 30;
const SOUND_SECONDS = 300;
const PAUSES_SECONDS = [0.5, 1, 2, 4, 8];

// Browsers send at most 64 KiB behind a page that is left, all requests together.
const KEEPALIVE_CHARACTERS = 16_384;

/** The server was reached and said no. */
export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

/** The server was not reached, or could not answer now. */
class Unreachable extends Error {}

/** Tells of "lost" and "found" when the server can no longer be reached, and can be again. */
export const connection = new EventTarget();

/** Returns what the server answers to a request, however long that takes. Throws `Refused`. */
export function ask(method, path, body) {
  return patiently(async () => (await once(ANSWER_SECONDS, method, path, body)).json());
}

/** Returns the bytes at an address, however long that takes. Throws `Refused`. */
export function download(path) {
  return patiently(async () => (await once(SOUND_SECONDS, "GET", path)).arrayBuffer());
}

async function patiently(attempt) {
  for (let failures = 0; ; failures += 1) {
    try {
      const answer = await attempt();
      connection.dispatchEvent(new Event("found"));
      return answer;
    } catch (error) {
      if (error instanceof Refused) {
        connection.dispatchEvent(new Event("found"));
        throw error;
      }
    }
    connection.dispatchEvent(new Event("lost"));
    await pause(PAUSES_SECONDS[Math.min(failures, PAUSES_SECONDS.length - 1)]);
  }
}

async function once(seconds, method, path, body) {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, {
    method,
    headers: content === undefined ? {} : { "Content-Type": "application/json" },
    body: content,
    cache: "no-store",
    // What was said last is sent even when the page is left.
    keepalive: content !== undefined && content.length < KEEPALIVE_CHARACTERS,
    signal: AbortSignal.timeout(1000 * seconds),
  });
  if (response.status >= 500 || response.status === 429) throw new Unreachable();
  if (!response.ok) throw new Refused(response.status);
  return response;
}

function pause(seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(end, 1000 * seconds);
    addEventListener("online", end);
    function end() {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    }
  });
}
