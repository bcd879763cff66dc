/** The way to the ears: opened by the first gesture that wants to hear something, at the rate of the sounds. */

let opened = null;

/** Returns an AudioContext that runs at a rate. Call it when somebody has pressed something. */
export function openAudio(rate) {
  if (opened?.sampleRate !== rate) {
    opened?.close();
    opened = new AudioContext({ sampleRate: rate });
  }
  // Phones also suspend it for a call.
  if (opened.state !== "running") opened.resume();
  return opened;
}
