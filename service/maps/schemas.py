"""Maps as the API shows them."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class LayerRole(StrEnum):
    """What a source of sounds is to what the map is of."""

    CORPUS = "corpus"  #: the corpus itself
    TARGET = "target"  #: what a study resembles
    START = "start"  #: where its search began
    BEST = "best"  #: what it found


class PointAnswer(BaseModel):
    """One sound on a map."""

    x: Annotated[float, Field(description="Place on the first principal component.")]
    y: Annotated[float, Field(description="Place on the second.")]
    label: Annotated[str, Field(description="Name of the file, or `seed N`.")]
    sound: Annotated[str | None, Field(description="Path of the sound; null if it cannot be heard.")]


class LayerAnswer(BaseModel):
    """The sounds of one source."""

    role: LayerRole
    title: str
    points: list[PointAnswer]


class MapAnswer(BaseModel):
    """Sounds in the plane that shows most of their differences."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "distance": "log-mel",
                    "shares": [0.41, 0.13],
                    "layers": [
                        {
                            "role": "start",
                            "title": "default",
                            "points": [
                                {
                                    "x": 1.25,
                                    "y": -0.5,
                                    "label": "seed 3000000",
                                    "sound": "/v1/nebulae/default/sounds/3000000.flac",
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    distance: Annotated[str, Field(description="By whose vectors the sounds were placed.")]
    shares: Annotated[
        tuple[float, float], Field(description="Of the variance along either axis, the start's sounds left out.")
    ]
    layers: list[LayerAnswer]
