"""The limits of a study, and its place in the queue."""

from sqlalchemy.orm import Session

from nebula import distances
from nebula.tuning import StudySpec
from service.accounts import audit
from service.accounts.caller import Caller
from service.errors import Unprocessable
from service.launch.inputs import hold, resolve
from service.settings import Settings
from service.studies import queries
from service.studies.moves import tell
from service.studies.schemas import StudyRequest
from service.studies.tables import Study

#: Most trials in one study.
TRIALS = 100_000

#: Most sounds in one trial.
SOUNDS = 65_536

#: Most sounds in one study: weeks of one worker.
SOUNDS_IN_ALL = 1_000_000_000

#: What a worker on an ordinary processor renders and embeds, roughly.
SOUNDS_A_SECOND = 500


def queue(session: Session, caller: Caller, request: StudyRequest, settings: Settings) -> Study:
    """Returns a new study, queued; another one's name gets a number behind it, such as `drum 2`.

    Raises:
        Unprocessable: It asks for too much, or for what is not there.
        NebulaError: What it asks for cannot be used.
    """
    spec = request.spec
    check_size(spec)
    spec = spec.with_changes({"name": queries.free_name(session, spec.name)})
    hold(session, spec)
    resolve(session, spec, settings)
    distances.get(spec.distance)
    study = Study(
        name=spec.name,
        spec=spec.model_dump(mode="json"),
        priority=request.priority,
        concurrency=request.concurrency,
        failures_allowed=request.failures_allowed,
        trials_total=spec.trials,
        owner=caller.key_id,
    )
    session.add(study)
    session.flush()
    tell(session, study.id, "state", {"state": study.state.value, "reason": ""})
    audit.record(session, caller, "study.create", study.id, name=study.name)
    return study


def check_size(spec: StudySpec) -> None:
    """Passes if a study is of a size that somebody could wait for.

    Raises:
        Unprocessable: It is larger; the message says what it would take.
    """
    rescorings = spec.finalists.count * spec.finalists.repeats
    sounds = (spec.trials + rescorings) * spec.sounds_per_trial
    days = sounds / SOUNDS_A_SECOND / 86_400
    takes = f"{sounds} sounds take one worker {days:.3g} days at {SOUNDS_A_SECOND} a second"
    if spec.trials > TRIALS:
        raise Unprocessable(f"search.phases: got {spec.trials} trials in all, expected at most {TRIALS}; {takes}")
    if spec.sounds_per_trial > SOUNDS:
        raise Unprocessable(f"sounds_per_trial: got {spec.sounds_per_trial}, expected at most {SOUNDS}; {takes}")
    if rescorings > TRIALS:
        raise Unprocessable(f"finalists: got {rescorings} re-scorings, expected at most {TRIALS}; {takes}")
    if sounds > SOUNDS_IN_ALL:
        raise Unprocessable(f"study: got {sounds} sounds in all, expected at most {SOUNDS_IN_ALL}; {takes}")
