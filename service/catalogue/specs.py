"""Shipped specs, and specs in both of their forms."""

from typing import Any

from nebula.tuning import StudySpec
from service.catalogue.schemas import EstimateRequest, SpecAnswer
from service.errors import NotFound, Unprocessable


def shipped(name: str) -> SpecAnswer:
    """Returns a spec that comes with the package; its text as it was written, with its comments.

    Raises:
        NotFound: There is none of that name.
    """
    if name not in StudySpec.shipped():
        raise NotFound(f"spec {name!r}: there is none")
    text = StudySpec.shipped_text(name)
    return SpecAnswer(name=name, spec=to_json(StudySpec.from_toml(text, name)), toml=text)


def read(request: EstimateRequest) -> StudySpec:
    """Returns the spec in a request.

    Raises:
        Unprocessable: There is not exactly one form of it.
        SpecError: It is none.
    """
    if (request.spec is None) == (request.toml is None):
        raise Unprocessable(f"body: got {'neither' if request.spec is None else 'both'}, expected either spec or toml")
    return StudySpec.from_toml(request.toml) if request.toml is not None else StudySpec.parse(request.spec or {})


def to_json(spec: StudySpec) -> dict[str, Any]:
    """Returns a spec in the structure of the TOML form, without what was not said and has no default."""
    return spec.model_dump(mode="json", exclude_none=True)
