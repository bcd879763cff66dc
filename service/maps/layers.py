"""Which sounds a map of a corpus or a study shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from nebula import Corpus, Nebula
from nebula.errors import NebulaError
from nebula.tuning import StudySpec
from service.corpora import tables as corpora
from service.corpora.targets import identity, usable
from service.errors import NotFound, ServiceError
from service.findings.queries import best_nebula
from service.launch.inputs import resolve
from service.maps.schemas import LayerRole
from service.nebulae.shelf import Shelf
from service.settings import Settings
from service.studies.results import best_path
from service.studies.tables import Study


@dataclass(frozen=True)
class Layer:
    """Sounds of one source.

    Attributes:
        role: What the source is to what the map is of.
        title: What people call it.
        source: The sounds.
        identity: Equal for equal sounds.
        sounds: Where each sound of a corpus can be heard, by its name.
        address: Below which a nebula's sounds can be heard, by their seeds.
    """

    role: LayerRole
    title: str
    source: Nebula | Corpus
    identity: Nebula | str
    sounds: Mapping[str, str]
    address: str = ""


def layers_of_corpus(session: Session, settings: Settings, corpus_id: str) -> list[Layer]:
    """Returns the usable sounds of an uploaded corpus.

    Raises:
        NotFound: There is no such corpus.
        Unavailable: It is still being read.
        Unprocessable: None of its sounds can be used.
    """
    return [_corpus_layer(session, LayerRole.CORPUS, usable(session, settings.home, corpus_id), corpus_id)]


def layers_of_study(session: Session, settings: Settings, study: Study) -> list[Layer]:
    """Returns the sounds of a study's target, its start and, once there is one, the nebula that it found.

    As long as it has found none, that is the best of its trials so far.

    What is not there any more, such as a corpus deleted since, is left out.
    """
    spec, shelf = StudySpec.parse(study.spec), Shelf(settings.home)
    layers = []
    try:
        target = resolve(session, spec, settings).target
    except (ServiceError, NebulaError):
        target = None
    if isinstance(target, Corpus):
        layers.append(_corpus_layer(session, LayerRole.TARGET, target, str(spec.target)))
    elif target is not None:
        shelved, _ = shelf.find(session, str(spec.target))
        layers.append(Layer(LayerRole.TARGET, shelved.title, target, target, {}, f"/v1/nebulae/{shelved.name}/sounds"))
    for role, name in ((LayerRole.START, spec.search.start), (LayerRole.BEST, study.id)):
        try:
            shelved, nebula = shelf.find(session, name)
            # Not by the spec's own word for it, which may be none that a path can have.
            layers.append(Layer(role, shelved.title, nebula, nebula, {}, f"/v1/nebulae/{shelved.name}/sounds"))
        except NotFound:
            if role is LayerRole.BEST and best_path(settings.home, study.id).exists():
                best = best_nebula(settings.home, study)
                layers.append(Layer(role, "so far", best, best, {}, f"/v1/studies/{study.id}/best/sounds"))
    return layers


def _corpus_layer(session: Session, role: LayerRole, corpus: Corpus, corpus_id: str) -> Layer:
    query = select(corpora.CorpusSound).where(
        corpora.CorpusSound.corpus_id == corpus_id, corpora.CorpusSound.seconds.is_not(None)
    )
    sounds = {row.name: f"/v1/corpora/{corpus_id}/sounds/{row.number}" for row in session.scalars(query)}
    return Layer(role, corpus.name, corpus, identity(corpus_id, corpus), sounds)
