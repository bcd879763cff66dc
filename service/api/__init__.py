"""What all routes share.

- `problems`: the one JSON shape of every error, and how routes declare theirs
- `envelope`: request ids, the access log, security headers, size limits: what every request gets
- `bodies`: what JSON bodies may hold, one rule for each type
- `parts`: what a server has beside its database's rows, by type
- `transactions`: the one place where a route's transaction begins and ends
- `pages`: long lists in pieces
- `idempotency`: a POST that is sent twice is done once
- `forms`: as what a sound is asked for: to be played, taken along or seen
- `loudness`: at what level a sound is asked for
- `ranges`, `recent`: parts of what is in memory, and what was made lately
- `tables`: the answers that are kept for it
- `logs`: structured logs
"""
