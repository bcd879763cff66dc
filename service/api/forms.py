"""Forms in which a sound is asked for: as FLAC to be played, as WAV to be taken along, or as a picture to be seen."""

import hashlib
import io
from enum import StrEnum

from nebula.tiles import picture
from service.api.recent import Recent

#: A thousand pictures and more.
RECENT_BYTES = 2**23


class SoundForm(StrEnum):
    """As what a sound is answered."""

    FLAC = "flac"
    WAV = "wav"
    PICTURE = "picture"


MEDIA_TYPES = {SoundForm.FLAC: "audio/flac", SoundForm.WAV: "audio/wav", SoundForm.PICTURE: "image/png"}


class SoundForms:
    """Turns sounds into other forms, and remembers the last ones."""

    def __init__(self) -> None:
        self._recent = Recent[tuple[str, SoundForm]](RECENT_BYTES)

    def of(self, flac: bytes, form: SoundForm) -> bytes:
        """Returns a sound in a form.

        Args:
            flac: The sound, mono.
            form: As what.
        """
        if form is SoundForm.FLAC:
            return flac
        make = wav if form is SoundForm.WAV else picture
        return self._recent.get((hashlib.sha256(flac).hexdigest(), form), lambda: make(flac))


def wav(flac: bytes) -> bytes:
    """Returns a sound as a WAV file of the same samples.

    Args:
        flac: The sound, of 16 bits.
    """
    # Imported here: a server that nobody listens to loads none of it.
    import soundfile

    from nebula.audio import encoded

    samples, rate_hz = soundfile.read(io.BytesIO(flac), dtype="int16")
    return encoded(samples, rate_hz, "wav")
