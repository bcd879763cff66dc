/** Who is signed in, as the server wrote it into the page, and what the page is about. */

const RANKS = ["viewer", "experimenter", "admin"];

const { caller, role, subject: written } = document.documentElement.dataset;

/** What the caller's key is called. */
export const name = caller;

/** Last part of the address of a page about one thing: the id of a study, the name of a nebula. */
export const subject = written;

/** Returns whether the caller may do what takes a role: `may("experimenter")`. */
export function may(least) {
  return RANKS.indexOf(role) >= RANKS.indexOf(least);
}

/** Leads to where a key can be typed in, and from there back to here. */
export function signIn() {
  location.assign(`/sign-in?return=${encodeURIComponent(location.pathname + location.search)}`);
}
