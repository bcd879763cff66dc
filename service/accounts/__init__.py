"""Who may do what, and who did.

- `roles`: viewer, experimenter, admin
- `tables`: keys, browser sessions, audit log
- `caller`: who is calling
- `queries`: making, finding and revoking keys and sessions
- `access`: who is calling, as routes depend on it
- `login`: browsers log in, with a key or by a link
- `throttle`: failed attempts are slowed down
- `audit`: a line in the log
- `schemas`, `endpoints`: `/v1/keys`, `/v1/session`, `/v1/audit`
- `commands`: `nebula key`
"""
