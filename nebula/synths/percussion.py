"""A voice for what is struck: drums, cymbals, bars, hands.

    keyboard ─┬─> body (a sine that a sweep pulls down) ─────────────────┐
              └─> modes (a ringing bar, membrane, plate or string) ──────┤
    rattle_noise ──> rattle (a filter that a sweep closes) ──────────────┼─> mixer ──> drive ──> tone (a filter that
    hiss_noise ────> hiss (a filter that closes as it fades) ────────────┤                       tone_sweep closes)
    click ───────────────────────────────────────────────────────────────┘

Nothing is held: every part has a decay of its own, and highs can go before lows.
"""

from nebula.modules import Click, Drive, Fade, Filter, Keyboard, Mixer, Modes, Noise, Sine, Strike
from nebula.synths.wiring import Wiring

PERCUSSION = Wiring(
    "percussion",
    "a percussion voice: a swept body, ringing modes, two bands of noise and a click, each with its own decay",
    (
        Keyboard(held=False),
        Strike("body_strike"),
        Fade("body_sweep"),
        Sine("body", pitch="body_sweep", level="body_strike"),
        Modes("modes"),
        Strike("rattle_strike"),
        Noise("rattle_noise", level="rattle_strike"),
        Fade("rattle_sweep"),
        Filter("rattle", source="rattle_noise", cutoff="rattle_sweep"),
        Strike("hiss_strike"),
        Noise("hiss_noise", level="hiss_strike"),
        Filter("hiss", source="hiss_noise", cutoff="hiss_strike"),
        Click("click"),
        Mixer("mixer", ("body", "modes", "rattle", "hiss", "click")),
        Drive("drive", source="mixer"),
        Fade("tone_sweep"),
        Filter("tone", source="drive", cutoff="tone_sweep"),
    ),
)
