"""What there is to choose from when a study is written, and what it would cost.

- `schemas`, `endpoints`: `/v1/distances`, `/v1/synths`, `/v1/specs`, `/v1/estimates`
- `specs`: shipped specs, and specs in both of their forms
- `costs`: how long a study would take, from what trials have taken here
"""
