/** What this browser remembers of a visit; where it may not, this page does while it is open. */

const PREFIX = "listen:";

const memory = new Map();

let isKept = true;

/** Leaves no trace in this browser from now on: all is forgotten with the page. */
export function keepNothing() {
  isKept = false;
}

/** Returns what is remembered under a key, null if nothing is. */
export function recall(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

/** Remembers a value that JSON can hold. */
export function remember(key, value) {
  memory.set(key, value);
  if (!isKept) return;
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
    memory.delete(key);
  } catch {
    // Then it is only remembered here.
  }
}

/** Forgets a value. */
export function forget(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Then it was never there.
  }
}
