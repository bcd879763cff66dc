"""The service: studies over REST, a worker pool that survives, blinded listening tests, and the pages to use them.

    browser, scripts ──> api ──reads, asks──> database <──asks, writes── manager ──tasks──> Dask workers
                          └── dashboard, web pages                         └── nebula.tuning, Optuna

- `settings`: what the environment decides
- `errors`: every error that the service raises on purpose, and its HTTP status
- `database`: the engine, the one place where transactions begin and are committed, and the migrations
- `studies`: their states and legal moves, trials and events

`service` calls `nebula` through its public names; `nebula` never imports `service`.
"""
