"""What a participant does, one after the other."""

from enum import StrEnum

from service.listening.spec import ListeningSpec


class VisitStage(StrEnum):
    """Where a participant is."""

    CONSENT = "consent"  #: agrees to take part
    DEVICE = "device"  #: says what they listen with
    VOLUME = "volume"  #: turns it up or down
    PRACTICE = "practice"  #: tries what they will do
    TEST = "test"  #: answers
    QUESTIONNAIRE = "questionnaire"  #: answers about themselves
    THANKS = "thanks"  #: is done


#: Stages that a participant ends by saying so.
SAID = (VisitStage.CONSENT, VisitStage.DEVICE, VisitStage.VOLUME, VisitStage.PRACTICE)


def following(stage: VisitStage, spec: ListeningSpec) -> VisitStage:
    """Returns the stage after one; those in which a test has nothing to ask are passed over."""
    order = list(VisitStage)
    nothing = set()
    if not spec.practice_trials:
        nothing.add(VisitStage.PRACTICE)
    if not spec.questionnaire:
        nothing.add(VisitStage.QUESTIONNAIRE)
    return next(later for later in order[order.index(stage) + 1 :] if later not in nothing)
