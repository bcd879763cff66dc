/**
 * Asks the server's API. What goes wrong is an Error with the server's own sentence.
 *
 *     const study = await get(`/v1/studies/${id}`);
 *     await post(`/v1/studies/${id}/pause`);
 *     const made = await create("/v1/studies", spec);
 *
 * While the server is away, `get` and `create` ask again until it answers, and `connection` tells "lost" and "found".
 */

import { signIn } from "./session.js";

const ANSWER_SECONDS = 120;
const PAUSES_SECONDS = [0.5, 1, 2, 4];

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

/** Tells of "lost" and "found" when the server can no longer be reached, and can be again. */
export const connection = new EventTarget();

/** Returns what is at a path, however long that takes; `signal` ends the waiting. */
export function get(path, signal) {
  return patiently(() => once("GET", path, {}, signal), signal);
}

/** Returns the answer to something that is to be done; asked once, as nobody knows whether it was done. */
export function post(path, body) {
  return once("POST", path, { body });
}

/** Returns what was made; asked again under the same idempotency key while the server is away. */
export function create(path, body) {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  return patiently(() => once("POST", path, { body, key }));
}

/** Returns the answer to a request with another method: "PATCH", "PUT", "DELETE". */
export function send(method, path, body) {
  return once(method, path, { body });
}

/** Returns the bytes of an answer, such as a sound, as a Blob: to a POST if there is a body, else to a GET. */
export async function blob(path, body, signal) {
  return (await reached(body === undefined ? "GET" : "POST", path, { body }, signal)).blob();
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

async function once(method, path, content, signal) {
  const response = await reached(method, path, content, signal);
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

async function reached(method, path, { body, key }, signal) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const patience = AbortSignal.timeout(1000 * ANSWER_SECONDS);
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    connection.dispatchEvent(new Event("lost"));
    throw new Unreachable();
  }
  if (response.ok) {
    connection.dispatchEvent(new Event("found"));
    return response;
  }
  const problem = await problemOf(response);
  if (problem === null) {
    connection.dispatchEvent(new Event("lost"));
    throw new Unreachable();
  }
  connection.dispatchEvent(new Event("found"));
  if (response.status === 401 && location.pathname !== "/sign-in") signIn();
  throw new ServerError(response.status, problem);
}

/** Returns what the server says of a failure; null if it was not our server that answered. */
async function problemOf(response) {
  try {
    return (await response.json()).error ?? null;
  } catch {
    return null;
  }
}
