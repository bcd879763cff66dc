"""The fused renderer's compiled loops, each module's in the file of the same name.

They lie apart from the modules because loading compiled code takes a second that most uses of a panel need not spend.

    steps that modules assemble ──render──> adsr, lfo, matrix (control rate) ──> what sounds (audio rate)

- `render`: the loop over sounds and steps
- `pitch`: phases of oscillators and levels, stretch by stretch, as `grid` cuts a sound
- `arithmetic`: functions of numbers that loops inline, computed with `polynomials`
"""
