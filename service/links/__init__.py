"""Links for others: one study or one nebula, to be looked at and heard without a key, until the link is withdrawn.

- `tables`, `queries`: the links
- `showing`: what somebody with a link sees, and which sounds that has
- `schemas`, `endpoints`: `/v1/links`, on which links are made, listed and withdrawn
- `shared_endpoints`: `/v1/shared/{token}`, which needs no key
- `routes`: `/shared/{token}`, the page
"""
