"""The service: studies over REST, a worker pool that survives, blinded listening tests, and the pages to use them.

    browser, scripts ──> api ──reads, asks──> database <──asks, writes── manager ──tasks──> Dask workers
                          └── dashboard, web pages                         └── nebula.tuning, Optuna

Each room imports only those above it in this list. HTTP is known to modules called `endpoints` or `routes`, to `access`
and `login` of `accounts`, and to the rooms `api`, `metrics`, `dashboard`, `assets`, `application` and `server`.

- `errors`: every error that the service raises on purpose, and its HTTP status
- `settings`: what the environment decides
- `database`: the engine, the one place where transactions begin and are committed, and the migrations
- `api`: what all routes share
- `accounts`: keys, roles, browser sessions, the audit log
- `studies`: their states and legal moves, trials, events and results
- `corpora`: sounds that people upload, and which of them can be used
- `nebulae`: all nebulae by name, their sounds, and how several of them differ
- `launch`: what a study reads, and how it comes into the queue
- `findings`: what a study has found so far, and what to hold it against
- `maps`: sounds of corpora and studies in a plane
- `matches`: the preset of a synthesizer whose sound is nearest to a recording
- `manager`: the process that works on studies and matches
- `catalogue`: what there is to choose from when a study is written, and what it would cost
- `system`: whether the service lives, who works, and how fast
- `metrics`: what Prometheus collects
- `dashboard`: Optuna's, on the same port, for looking only
- `assets`: files that pages load
- `console`: the pages on which people use all of this
- `links`: one study or nebula for others to look at, without a key
- `listening`: blinded listening tests
- `tables`: the tables of all rooms
- `application`: what answers HTTP, of all rooms together
- `supervisor`, `server`: the process that answers HTTP, and the manager that it keeps running
- `backup`: everything in one file, and back
- `cli`: the commands that all of this adds to `nebula`

`service` calls `nebula` through its public names; `nebula` never imports `service`.

A noun of the API is a folder, and joins in four steps:

1. `tables.py` over `service.database.Base`, and a line in `service.tables`; then the migration, by
   `python -m service.tables "what changes"`.
2. `schemas.py`: what goes in and comes out, apart from the tables. `queries.py`: functions that take a session first,
   never commit, and raise what `service.errors` has.
3. `endpoints.py`: `router = APIRouter(route_class=GuardedRoute, prefix="/v1/...", tags=[...], responses=COMMON)`, and
   a line in `ROUTERS` of `service.application`. A route parses, calls one function, serialises.
   It asks for what it needs by type:

       session: Transaction      read-only for GET; for the rest committed when the route returns, before the answer
       caller: Viewer            or `Experimenter`, `Admin`: the least role that may do it (`service.accounts.access`)
       once: Idempotent          for POST: `return once(session, caller.key_id, body, do, Answer)`
       parts: Given              what the server has beside rows, by type: `parts[Shelf]` (`service.api.parts`)
       after: After, limit: Limit    for lists: `return Page[Item].of(queries.listed(session, after, limit))`

   What lasts longer than a moment, such as an upload, has no `Transaction`: it takes `parts: Given`, and opens short
   ones of `parts[Database]` itself. What reads its body in pieces adds its path to `UPLOADS` of `service.api.envelope`.
4. What changes something leaves a line in the audit log, in the same transaction: `audit.record(session, caller,
   "corpus.delete", name)`.
"""
