"""Who may do what, and who did.

- `roles`: viewer, experimenter, admin
- `tables`: keys, browser sessions, audit log
- `queries`: making, finding and revoking them
- `access`: who is calling: what routes depend on
- `throttle`: failed attempts are slowed down
- `audit`: a line in the log
- `schemas`, `endpoints`: `/v1/keys`, `/v1/session`, `/v1/audit`
- `commands`: `nebula key`
"""
