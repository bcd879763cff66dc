"""Keep what re-scoring came to with each study."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"

_BOUNDS = ("mean", "low", "high")


def upgrade() -> None:
    """Brings a database of the version before to this one; of ended studies it is known from what was told then."""
    for bound in _BOUNDS:
        op.add_column("studies", sa.Column(f"rescored_{bound}", sa.Double(), nullable=True))
    connection = op.get_bind()
    told = sa.text(
        "SELECT studies.id, studies.spec, study_events.data FROM studies "
        "JOIN study_events ON study_events.study_id = studies.id "
        "WHERE study_events.kind = 'finalist' AND studies.state IN ('done', 'stopped') ORDER BY study_events.id"
    )
    best: dict[str, dict[str, Any]] = {}
    for study_id, spec, data in connection.execute(told):
        # SQLite gives text for JSON.
        objective = (json.loads(spec) if isinstance(spec, str) else spec).get("objective")
        scores = json.loads(data) if isinstance(data, str) else data
        sign = 1 if objective == "match" else -1
        if study_id not in best or sign * scores["mean"] < sign * best[study_id]["mean"]:
            best[study_id] = scores
    for study_id, scores in best.items():
        values = {bound: scores[bound] for bound in _BOUNDS}
        connection.execute(
            sa.text(
                "UPDATE studies SET rescored_mean = :mean, rescored_low = :low, rescored_high = :high WHERE id = :id"
            ),
            {"id": study_id, **values},
        )
