/**
 * Asks the server's API. What goes wrong is an Error with the server's own sentence.
 *
 *     const study = await get(`/v1/studies/${id}`);
 *     await post(`/v1/studies/${id}/pause`);
 *     const made = await create("/v1/studies", spec);
 *
 * While the server is away, `get` and `create` ask again until it answers, and `connection` tells "lost" and "found".
 * So do `ask` and `download`, for pages whose visitors can do nothing about a server that fails: they ask again then
 * too.
 */

const ANSWER_SECONDS = 120;
const PAUSES_SECONDS = [0.5, 1, 2, 4];

// A visitor who waits is told after this long that the server is away; sounds may take longer.
const VISIT_SECONDS = 30;
const SOUND_SECONDS = 300;

// Browsers send at most 64 KiB behind a page that is left, all requests together.
const KEEPALIVE_CHARACTERS = 16_384;

const TOO_MANY = 429;
const UNKNOWN_CALLER = 401;

/** The server said no: `status`, `code`, and `details`, a list of `{ where, message }`. */
export class ServerError extends Error {
  constructor(status, { message, code, details }) {
    super(message);
    this.name = "ServerError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The server was not reached, or what stands before it could not reach it. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
    this.name = "Unreachable";
  }
}

/** Tells of "lost" and "found" when the server can no longer be reached, and can be again; of "unknown" callers. */
export const connection = new EventTarget();

// Resolves when something may be asked again; null while nobody leaves the page.
let leaving = null;
const underway = new Set();

/** Returns what is at a path, however long that takes; `signal` ends the waiting. */
export function get(path, signal) {
  return patiently(() => json("GET", path, { signal }), signal);
}

/** Returns the answer to something that is to be done; asked once, as nobody knows whether it was done. */
export function post(path, body) {
  return json("POST", path, { body });
}

/** Returns what was made; asked again under the same idempotency key while the server is away. */
export function create(path, body) {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  return patiently(() => json("POST", path, { body, key }));
}

/** Returns the answer to a request with another method: "PATCH", "PUT", "DELETE". */
export function send(method, path, body) {
  return json(method, path, { body });
}

/**
 * Leaves the page for an address after a last request; until then nothing else is asked.
 *
 * So no answer to something else can lead elsewhere. If the last request fails, the page goes on.
 */
export async function leave(method, path, address) {
  let stay;
  leaving = new Promise((resolve) => {
    stay = resolve;
  });
  try {
    await Promise.race([Promise.allSettled(underway), pause(1)]);
    await json(method, path, { last: true });
  } catch (error) {
    leaving = null;
    stay();
    throw error;
  }
  location.assign(address);
}

/** Returns the bytes of an answer, such as a sound, as a Blob: to a POST if there is a body, else to a GET. */
export function blob(path, body, signal) {
  return asked(body === undefined ? "GET" : "POST", path, { body, signal }, (response) => response.blob());
}

/**
 * Returns the answer to what may be asked twice, however long that takes, failures of the server included.
 *
 * It is sent even when the page is left meanwhile.
 */
export function ask(method, path, body) {
  const keepalive = body !== undefined && JSON.stringify(body).length < KEEPALIVE_CHARACTERS;
  return patiently(() => json(method, path, { body, keepalive, seconds: VISIT_SECONDS, outlasts: true }));
}

/** Returns the bytes at an address, however long that takes, failures of the server included. */
export function download(path) {
  const how = { seconds: SOUND_SECONDS, outlasts: true };
  return patiently(() => asked("GET", path, how, (response) => response.arrayBuffer()));
}

/** Waits, longer the more often it failed; shorter when the browser is back in a network. */
export function pause(failures, signal) {
  const seconds = PAUSES_SECONDS[Math.min(failures, PAUSES_SECONDS.length - 1)];
  return new Promise((resolve) => {
    const timer = setTimeout(end, 1000 * seconds);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
    function end() {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}

async function patiently(attempt, signal) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await pause(failures, signal);
      signal?.throwIfAborted();
    }
  }
}

async function json(method, path, how) {
  const text = await asked(method, path, how, (response) => response.text());
  return text === "" ? null : JSON.parse(text);
}

/**
 * Returns what is read of the answer to a request; waits if the page is being left.
 *
 * @param how `body`; `key`, the idempotency key; `signal`; `seconds` until the server is taken to be away; `keepalive`;
 *     `outlasts`: whether a server that fails is taken to be away; `last`: whether it is what the page is left with.
 * @param read Reads the response.
 */
async function asked(method, path, how, read) {
  if (!how.last) await leaving;
  const asking = answered(method, path, how, read);
  underway.add(asking);
  try {
    return await asking;
  } finally {
    underway.delete(asking);
  }
}

async function answered(method, path, { body, key, signal, seconds = ANSWER_SECONDS, keepalive, outlasts, last }, read) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const patience = AbortSignal.timeout(1000 * seconds);
  let response;
  let content;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      keepalive,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    if (response.ok) content = await read(response);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw away();
  }
  if (response.ok) {
    connection.dispatchEvent(new Event("found"));
    return content;
  }
  const problem = await problemOf(response);
  const fails = response.status >= 500 || response.status === TOO_MANY;
  if (problem === null || (outlasts && fails)) throw away();
  connection.dispatchEvent(new Event("found"));
  const left = leaving !== null && !last;
  if (response.status === UNKNOWN_CALLER && !left) connection.dispatchEvent(new Event("unknown"));
  throw new ServerError(response.status, problem);
}

/** Tells that the server is away, and returns the error that says so. */
function away() {
  connection.dispatchEvent(new Event("lost"));
  return new Unreachable();
}

/** Returns what the server says of a failure; null if it was not our server that answered. */
async function problemOf(response) {
  try {
    return (await response.json()).error ?? null;
  } catch {
    return null;
  }
}
