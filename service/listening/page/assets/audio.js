/** The way to the ears: opened by the first gesture that wants to hear something, at the rate of the sounds. */

let opened = null;

/**
 * Returns an AudioContext that runs at a rate. Call it when somebody has pressed something.
 *
 * @param rate In Hz.
 * @param channels Of what will be played; as many of them as the device has are played apart.
 */
export function openAudio(rate, channels = 2) {
  if (opened?.sampleRate !== rate) {
    opened?.close();
    opened = new AudioContext({ sampleRate: rate });
  }
  const { destination } = opened;
  const apart = Math.min(channels, destination.maxChannelCount);
  if (apart > destination.channelCount) destination.channelCount = apart;
  // Phones also suspend it for a call.
  if (opened.state !== "running") opened.resume();
  return opened;
}
