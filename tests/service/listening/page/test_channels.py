"""Stereo in the browser's graph: left and right are told apart, and what cancels in a mix is heard."""

import numpy as np
import pytest
from listening_lab import Person, systems_of
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

RATE = 44100

# Dither of 16 bits has a root mean square of about 1e-5 of full scale; the noises have some 0.05.
SILENT, SOUNDING = 1e-3, 1e-2

# Whatever is connected to the ears is split into its channels, and their last moments are measured.
METER = """
  const connect = AudioNode.prototype.connect;
  const meters = new Map();
  window.played = [];
  const meter = (context) => {
    if (!meters.has(context)) {
      const bus = new GainNode(context, { channelCountMode: "max" });
      const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
      connect.call(bus, splitter);
      const sides = [0, 1].map((side) => {
        const analyser = new AnalyserNode(context, { fftSize: 2048 });
        connect.call(splitter, analyser, side);
        return analyser;
      });
      meters.set(context, bus);
      window.levels = () => {
        const [left, right] = sides.map((side) => {
          const samples = new Float32Array(side.fftSize);
          side.getFloatTimeDomainData(samples);
          return samples;
        });
        const level = (samples) => Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
        return { left: level(left), right: level(right), sum: level(left.map((each, index) => each + right[index])) };
      };
    }
    return meters.get(context);
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    if (this instanceof AudioBufferSourceNode) window.played.push(this.buffer.numberOfChannels);
    if (target instanceof AudioDestinationNode && target.context instanceof AudioContext) {
      connect.call(this, meter(target.context));
    }
    return connect.call(this, target, ...rest);
  };
"""

# What each system sounds like, as the levels of left and right and of both together say.
EXPECTED = {
    "left": f"({{ left, right }}) => left > {SOUNDING} && right < {SILENT}",
    "right": f"({{ left, right }}) => right > {SOUNDING} && left < {SILENT}",
    "opposed": f"({{ left, right, sum }}) => left > {SOUNDING} && right > {SOUNDING} && sum < {SILENT}",
    "mono": f"({{ left, right, sum }}) => left > {SOUNDING} && Math.abs(sum - left - right) < {SILENT}",
}


@pytest.fixture(scope="module")
def invite(lab):
    """Invite of a test of sounds that are on the left, on the right, on both and opposed, and on one channel only."""
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 4 * RATE)
    sounds = {
        "left": np.stack([noise, 0 * noise], axis=1),
        "right": np.stack([0 * noise, noise], axis=1),
        "opposed": np.stack([noise, -noise], axis=1),
        "mono": noise[:, None],
    }
    corpus = lab.upload("sides", {f"{name}.wav": samples for name, samples in sounds.items()})
    spec = {
        "version": 1,
        "name": "sides",
        "method": "multi-stimulus",
        "seconds": 4,
        "systems": [{"name": name} for name in sounds],
        "corpus": corpus,
        "items": [{"name": "excerpt", "sounds": {name: [f"{name}.wav"] for name in sounds}}],
    }
    return lab.open(spec)[1]


@pytest.fixture
def enter(lab, browser):
    """Opens the page of the first trial, with a script in it, for a new participant of a test."""
    contexts = []

    def open_page(invite, script=""):
        person = Person(lab, invite)
        person.arrive()
        token = person.path.rsplit("/", 1)[1]
        # The page's own policy lets nothing wait in it.
        context = browser.new_context(base_url=lab.url, bypass_csp=True)
        contexts.append(context)
        page = context.new_page()
        page.goto("/assets/listening/texts.en.json")
        page.evaluate(
            """([invite, token]) => {
                localStorage.setItem(`listen:${invite}:`, JSON.stringify(token));
                localStorage.setItem(`listen:${token}:notes`, JSON.stringify({ introduced: "test" }));
            }""",
            [invite, token],
        )
        page.add_init_script(script)
        page.goto(f"/listen/{invite}")
        return page, person

    yield open_page
    for context in contexts:
        context.close()


def test_left_and_right_are_told_apart_and_what_cancels_is_heard(lab, invite, enter):
    page, person = enter(invite, METER)
    ((_, systems),) = systems_of(lab, person)[1]
    # Twice: the level of each is that of its own, wherever one comes from.
    for _ in range(2):
        for slot, system in zip("ABCD", systems, strict=True):
            page.get_by_role("button", name=f"Play {slot}").click()
            expect(page.locator(".now")).to_have_text(f"Playing {slot}")
            page.wait_for_function(f"({EXPECTED[system]})(window.levels())")
    assert set(page.evaluate("window.played")) == {2}
    # Every device has two channels, so nothing is said of mixing.
    expect(page.locator(".mixed")).to_be_hidden()


def test_who_hears_fewer_channels_than_there_are_is_told(lab, enter):
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (RATE, 6))
    corpus = lab.upload("surround", {"six.wav": noise, "other.wav": noise[:, ::-1]})
    spec = {
        "version": 1,
        "name": "surround",
        "method": "preference",
        "seconds": 1,
        "systems": [{"name": "made by hand"}, {"name": "untouched"}],
        "corpus": corpus,
        "items": [{"name": "excerpt", "sounds": {"made by hand": ["six.wav"], "untouched": ["other.wav"]}}],
    }
    page, _ = enter(lab.open(spec)[1])
    page.get_by_role("button", name="Play A").click()
    outputs = page.evaluate("new AudioContext().destination.maxChannelCount")
    assert outputs < 6
    said = f"These sounds have 6 channels, and this device plays {outputs}: it mixes them together."
    expect(page.locator(".mixed")).to_have_text(said)
