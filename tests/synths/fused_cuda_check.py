"""Compares the fused CUDA renderer with the reference; prints what differs and exits with 1, or prints the errors.

TRITON_INTERPRET=1 python tests/synths/fused_cuda_check.py cpu     (in Triton's interpreter, small batches)
python tests/synths/fused_cuda_check.py cuda                       (on a GPU, every pitch and four seconds)
"""

import sys

import torch

from nebula import draws, sample
from nebula.errors import ArgumentError
from nebula.modules import Timeline
from nebula.synths import fused_cuda
from nebula.synths.voice import VOICE
from nebula.synths.voice_modules import COLUMNS

# As in test_fused_cpu.py.
ROUNDING, STATED = 1e-6, 2e-5


def physical(unit, curve=1.0, symmetric=True):
    return draws.to_physical(VOICE.panel, unit, torch.full((78,), curve), torch.full((78,), symmetric))


def cases(small):
    """Yields name, physical parameters and timeline."""
    timelines = [Timeline(8000, 0.1, 80), Timeline(2000, 0.1, 7 * 10), Timeline(1000, 0.05, 1000)]
    if not small:
        timelines = [Timeline(), Timeline(8000, 1.0, 10), Timeline(8000, 0.25, 8000), Timeline(96000, 0.1, 1000)]
    generator = torch.Generator().manual_seed(5)
    corners = torch.randint(0, 3, (8 if small else 100, 78), generator=generator) / 2
    corners = torch.cat([corners, *(torch.full((1, 78), value) for value in (0.0, 0.5, 1.0))])
    pitches = sample(range(8 if small else 128))
    pitches[:, COLUMNS["keyboard", "midi_f0"]] = torch.linspace(0, 1, len(pitches))
    for timeline in timelines:
        yield "pitches", physical(pitches), timeline
        if small and timeline != timelines[0]:
            continue
        for curve in (0.1, 1.0, 10.0):
            for symmetric in (False, True):
                yield f"corners, curve {curve}, symmetric {symmetric}", physical(corners, curve, symmetric), timeline
    for shape in ("sin", "tri", "saw", "rsaw", "sqr"):
        swept = physical(sample(range(4)))
        for lfo in ("lfo_1", "lfo_2"):
            for other in ("sin", "tri", "saw", "rsaw", "sqr"):
                swept[:, COLUMNS[lfo, other]] = 1.0 if other == shape else 0.0
            for oscillator in ("vco_1", "vco_2"):
                # Deep enough to cross both limits of pitch.
                swept[:, COLUMNS["mod_matrix", f"{lfo}->{oscillator}_pitch"]] = 1.0
                swept[:, COLUMNS[oscillator, "mod_depth"]] = torch.tensor([96.0, -96.0, 96.0, -96.0])
        yield f"{shape} sweeps", swept, timelines[0]


def compare(parameters, timeline, device):
    """Returns the renderer's errors, and those that it may have."""
    rows = torch.arange(len(parameters)) % 32
    exact = VOICE.reference(parameters.double(), rows, timeline)
    rough = VOICE.reference(parameters, rows, timeline)
    audio = fused_cuda.render(parameters.to(device), rows.to(device), timeline).cpu()
    ours, theirs = ((a.double() - exact).square().mean(dim=1).sqrt() for a in (audio, rough))
    assert float(audio.abs().max()) <= 1.0
    return ours, theirs.clamp(min=ROUNDING).clamp(max=STATED)


def main(device):
    torch.set_num_threads(1)
    wrong, worst = [], 0.0
    for name, parameters, timeline in cases(small=device == "cpu"):
        ours, allowed = compare(parameters, timeline, device)
        worst = max(worst, float(ours.max()))
        if not bool((ours <= allowed).all()):
            wrong.append(f"{name}, {timeline}: {ours.max():.1e}")
    parameters, timeline = physical(sample(range(5))).to(device), Timeline(8000, 0.1, 80)
    rows = torch.arange(5, device=device)
    together = fused_cuda.render(parameters, rows, timeline)
    one_by_one = [fused_cuda.render(parameters[i : i + 1], rows[i : i + 1], timeline) for i in range(5)]
    if not torch.equal(torch.cat(one_by_one), together):
        wrong.append("a sound depends on its batch")
    half = fused_cuda.render(parameters, rows, timeline, dtype=torch.float16)
    # Rounded once when written and once when scaled.
    if half.dtype != torch.float16 or float((half.float() - together).abs().max()) > 2 * 2.0**-11:
        wrong.append("half precision is not the rounded sound")
    if fused_cuda.render(parameters[:0], rows[:0], timeline).shape != (0, timeline.samples):
        wrong.append("no sounds are not none")
    for refused, arguments in (
        ("float64", (parameters.double(), rows, timeline)),
        ("a gradient", (parameters.clone().requires_grad_(), rows, timeline)),
        ("integers", (parameters, rows, timeline, torch.int16)),
    ):
        try:
            fused_cuda.render(*arguments)
            wrong.append(f"{refused}: not refused")
        except ArgumentError:
            pass
    sys.stdout.write("\n".join(wrong or [f"largest error {worst:.1e}"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
