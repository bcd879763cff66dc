"""Switching keeps the position to the sample, loops are seamless, and the headphone check's noise is what it should be.

The tracks say where they are: sample n of the first is n / SCALE, of the second the negative of that.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.slow

RATE = 44100
SCALE = 4 * RATE
FADE_SECONDS = 0.005

TRACKS = f"""
    const {{ Player }} = await import("/assets/listening/player.js");
    const context = new OfflineAudioContext(1, {2 * RATE}, {RATE});
    const track = (value) => {{
      const buffer = new AudioBuffer({{ length: {2 * RATE}, sampleRate: {RATE} }});
      buffer.copyToChannel(Float32Array.from({{ length: buffer.length }}, (_, index) => value(index)), 0);
      return buffer;
    }};
    const at = (seconds, act) => context.suspend(seconds).then(() => {{ act(); context.resume(); }});
"""


@pytest.fixture(scope="module")
def page(lab, browser):
    """A page of the right origin, which has nothing on it."""
    page = browser.new_context(base_url=lab.url).new_page()
    page.goto("/assets/listening/texts.en.json")
    return page


def rendered(page, script):
    """Returns what a script lets sound, as samples."""
    script = f"async () => {{ {TRACKS} {script}; return [...(await context.startRendering()).getChannelData(0)]; }}"
    return np.array(page.evaluate(script))


def test_switching_keeps_the_position(page):
    sound = rendered(
        page,
        f"""const player = new Player(() => context, new Map([
              ["A", track((index) => index / {SCALE})], ["B", track((index) => -index / {SCALE})]]));
            at(0, () => player.play("A")); at(0.7, () => player.play("B")); at(1.3, () => player.play("A"))""",
    )
    offset = SCALE * np.abs(sound) - np.arange(len(sound))
    for begin, end, sign in ((0.1, 0.69, 1), (0.73, 1.29, -1), (1.33, 1.9, 1)):
        part = slice(int(begin * RATE), int(end * RATE))
        assert np.all(np.sign(sound[part]) == sign)
        # Within a hundredth of a sample of where the first track was, and with it of each other.
        assert np.ptp(offset[part]) < 0.01
        assert abs(offset[part].mean() - offset[int(0.5 * RATE)]) < 0.01


def test_a_switch_between_equal_tracks_cannot_be_heard(page):
    script = """const player = new Player(() => context, new Map([["A", track(() => 0.5)], ["B", track(() => 0.5)]]));
                at(0, () => player.play("A"));
                at(0.5, () => player.play("B")); at(0.502, () => player.play("A")); at(1, () => player.play("B"))"""
    sound = rendered(page, script)[int(0.1 * RATE) :]
    assert np.abs(sound - 0.5).max() < 1e-6


def test_fades_take_five_milliseconds(page):
    script = """const player = new Player(() => context, new Map([["A", track(() => 1)], ["B", track(() => 0)]]));
                at(0, () => player.play("A")); at(0.5, () => player.play("B")); at(1, () => player.play("A"));
                at(1.5, () => player.pause())"""
    sound = rendered(page, script)
    steps = np.diff(sound)
    # Up, down, up, down, each in a straight line.
    assert np.abs(steps).max() < 1.01 / (FADE_SECONDS * RATE)
    assert np.sum(np.abs(steps) > 1e-6) == pytest.approx(4 * FADE_SECONDS * RATE, abs=8)
    assert sound[-1] == 0


def test_a_pause_keeps_the_position(page):
    script = f"""const player = new Player(() => context, new Map([["A", track((index) => index / {SCALE})]]));
                 at(0, () => player.play("A")); at(0.5, () => player.pause()); at(1, () => player.play("A"))"""
    sound = SCALE * rendered(page, script)
    paused = sound[int(0.49 * RATE)] + 0.01 * RATE
    resumed = sound[int(1.03 * RATE)] - 0.03 * RATE
    # It goes on where it was asked to pause; both take a hundredth of a second to be done.
    assert resumed - paused == pytest.approx(0, abs=0.011 * RATE)


def test_a_part_repeats_at_its_length_and_is_never_below_half_a_second(page):
    script = f"""const player = new Player(() => context, new Map([["A", track((index) => index / {SCALE})]]),
                                           {{ repeat: true }});
                 player.region = {{ begin: 1.2, end: 1.3 }};
                 at(0, () => player.play("A"))"""
    sound = rendered(page, script)
    period = RATE // 2
    first, second = sound[RATE // 10 :][:period], sound[RATE // 10 + period :][:period]
    np.testing.assert_allclose(second, first, atol=1e-6)
    assert first.max() * SCALE == pytest.approx(1.7 * RATE, abs=2 * FADE_SECONDS * RATE)
    assert np.abs(np.diff(first)).max() < 1.7 / (FADE_SECONDS * SCALE)  # faded where it begins again


def test_the_noise_is_turned_over_in_its_band_and_nowhere_else(page):
    left, right = np.array(
        page.evaluate(
            """async () => {
                const { hugginsNoise } = await import("/assets/listening/noises.js");
                const noise = hugginsNoise(true);
                return [0, 1].map((channel) => [...noise.getChannelData(channel)]);
            }"""
        )
    )
    # Without the ramps, which are the same on both sides.
    middle = slice(RATE // 4, 3 * RATE // 4)
    spectra = [np.fft.rfft(channel[middle] * np.hanning(RATE // 2)) for channel in (left, right)]
    ratio = spectra[1] / spectra[0]
    frequency = np.fft.rfftfreq(RATE // 2, 1 / RATE)
    inside = (frequency > 575) & (frequency < 625)
    outside = (frequency < 540) | (frequency > 660)
    assert np.median(np.abs(ratio[inside] + 1)) < 0.05
    assert np.median(np.abs(ratio[outside] - 1)) < 0.01
    # One ear alone cannot tell: both have the same level there.
    levels = [np.abs(spectrum[inside]).mean() for spectrum in spectra]
    assert levels[1] / levels[0] == pytest.approx(1, abs=0.05)
