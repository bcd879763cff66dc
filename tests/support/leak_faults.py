"""Small mistakes that a server could make, each of which one line of the leak checklist is there to see."""

import logging
import random
import time

import numpy as np
from listening_watch import role_of

import service.listening
from service.errors import Conflict
from service.listening import answering, endpoints, joining, outcome, page_endpoints, queries, showing
from service.listening.design import arrange


def replaced(patch, module, name, make):
    """Puts what `make` returns of the original in its place."""
    patch.setattr(module, name, make(getattr(module, name)))


def changed_sound(change):
    """Returns a fault that changes the file of one nebula's sounds."""

    def fault(patch):
        def make(original):
            def played(store, test, sound):
                content = original(store, test, sound)
                return change(content) if role_of(test, sound) == "Quagga system" else content

            return played

        replaced(patch, answering, "played", make)

    return fault


def changed_samples(change):
    """Returns a fault that changes the samples of one nebula's sounds."""

    def bytewise(content):
        samples = np.frombuffer(content[44:], dtype="<i2").astype(float)
        return content[:44] + np.clip(change(samples), -32768, 32767).astype("<i2").tobytes()

    return changed_sound(bytewise)


def named_tag(patch):
    def make(original):
        def shown(spec, trial, token, language):
            return original(spec, trial, token, language).model_copy(update={"tags": (trial.systems[0],)})

        return shown

    replaced(patch, showing, "question_shown", make)


def readdressed(change):
    """Returns a fault that gives the sounds of a slot other addresses, by its number and those that they have."""

    def fault(patch):
        def make(original):
            def shown(spec, trial, token, language):
                found = original(spec, trial, token, language)
                slots = [
                    slot.model_copy(update={"audio": change(number, slot.audio)})
                    for number, slot in enumerate(found.slots)
                ]
                return found.model_copy(update={"slots": slots})

            return shown

        replaced(patch, showing, "question_shown", make)

    return fault


def headed(change):
    """Returns a fault that gives the answer with a sound another head, by its content and the head that it has."""

    def fault(patch):
        replaced(patch, page_endpoints, "sound_head", lambda original: lambda said: change(said, original(said)))

    return fault


tagged_head = headed(lambda content, head: head | {"etag": f'"{hash(content)}"'})
odd_head = headed(lambda content, head: head | {"x-parity": str(content[100] % 2)})
compressed = headed(lambda content, head: head | {"content-type": "text/x"})


def counted_tokens(patch):
    numbers = iter(range(10**9))
    patch.setattr(joining, "new_token", lambda: f"{next(numbers):022}")


def one_dither(patch):
    patch.setattr(answering, "dither_seed", lambda test, token: 1)


def slow_nebula(patch):
    def make(original):
        def played(store, test, sound):
            # More than a busy machine takes for one answer and not for the next.
            time.sleep(0.3 if role_of(test, sound) == "Quagga system" else 0)
            return original(store, test, sound)

        return played

    replaced(patch, answering, "played", make)


def foreseeable_order(patch):
    patch.setattr(joining, "arrange", lambda asked, counts, generator=None: arrange(asked, counts, random.Random(3)))


def fixed_slots(patch):
    def make(original):
        def arranged(asked, counts, generator=None):
            group, trials = original(asked, counts, generator)
            return group, [type(trial)(trial.item, tuple(sorted(trial.slots))) for trial in trials]

        return arranged

    replaced(patch, joining, "arrange", make)


def any_sound(patch):
    def sound(session, store, session_token, token):
        listener = answering.find(session, session_token)
        found = session.get(answering.ListeningSound, token)
        if found is None:
            raise answering.NotFound("sound: there is none like this")
        return answering.played(store, listener.test, found)

    patch.setattr(answering, "sound", sound)


def another_404(patch):
    def make(original):
        def sound(session, store, session_token, token):
            if session.get(answering.ListeningSound, token) is None:
                raise answering.NotFound("sound: no such token")
            return original(session, store, session_token, token)

        return sound

    replaced(patch, answering, "sound", make)


def early_results(patch):
    patch.setattr(queries, "require_unblinded", lambda test: None)
    patch.setattr(outcome.queries, "require_unblinded", lambda test: None)


def choosy_answer(patch):
    def make(original):
        def answer(session, token, trial, body):
            original(session, token, trial, body)
            if body.ratings.get("A") == 100:
                raise Conflict("thank you")

        return answer

    replaced(patch, answering, "answer", make)


def telling_counts(patch):
    def make(original):
        def counts(session, test_ids):
            ratings = [
                trial.answer["ratings"].get("A", 0)
                for trial in session.scalars(answering.select(answering.ListeningQuestion))
                if trial.answer
            ]
            found = original(session, test_ids)
            return {name: type(c)(c.joined, c.completed, int(sum(ratings))) for name, c in found.items()}

        return counts

    replaced(patch, endpoints.queries, "counts", make)


def telling_log(patch):
    def make(original):
        def played(store, test, sound):
            logging.getLogger("service.listening").info("playing %s", role_of(test, sound))
            return original(store, test, sound)

        return played

    replaced(patch, answering, "played", make)


def never_over(patch):
    patch.setattr(answering, "OVER", frozenset())


def silent_documentation(patch):
    patch.setattr(service.listening, "__doc__", "Blinded listening tests.")


FAULTS = {
    "1 a tag names a system": named_tag,
    "2 tokens are counted": counted_tokens,
    "3 one dither for all": one_dither,
    "4 an ETag": tagged_head,
    "4 a header that follows the content": odd_head,
    "5 one file is longer": changed_sound(lambda content: content + b"\0\0"),
    "5 compressed on the way": compressed,
    "6 a chunk with a title": changed_sound(lambda content: content + b"LIST\x04\0\0\0drum"),
    "7 louder": changed_samples(lambda samples: samples * 0.8),
    "7 later": changed_samples(lambda samples: np.concatenate([np.zeros(800), samples[:-800]])),
    "7 with an offset": changed_samples(lambda samples: samples + 200),
    "7 clipped": changed_samples(lambda samples: samples * 50),
    "8 slower": slow_nebula,
    "9 a generator with a seed": foreseeable_order,
    "10 every sound for everyone": any_sound,
    "10 another 404 for garbage": another_404,
    "11 results before the end": early_results,
    "12 an answer that depends": choosy_answer,
    "13 counts that tell": telling_counts,
    "14 a log that tells": telling_log,
    "15 an address that tells how long": readdressed(lambda number, audio: [f"{each}#t=0,0.25" for each in audio]),
    "16 slots in order": fixed_slots,
    "17 previews": readdressed(lambda number, audio: [f"/v1/nebulae/q/sounds/{number}.flac"]),
    "18 answers after the end": never_over,
    "20 documentation that says nothing": silent_documentation,
}
