"""How the service itself is: whether it lives, whether it is ready, who works, and how fast.

- `schemas`, `queries`, `endpoints`: `/healthz`, `/readyz`, `/v1/system`
"""
