"""Sounds of a nebula as vectors: each follows from its seed, whichever block it is rendered in."""

import torch

from nebula import Nebula, distances
from nebula.embedding import draw, player_of


def test_each_row_follows_from_its_seed_across_blocks():
    told = []
    drum, distance = Nebula.load("drum"), distances.get("log-mel")
    drawn = draw(drum, range(40), distance, watcher=lambda done, total: told.append((done, total)))
    assert told == [(32, 40), (40, 40)]
    assert drawn.vectors.shape[0] == 40
    alone = draw(drum, [37], distance).vectors[0]
    torch.testing.assert_close(drawn.vectors[37], alone, rtol=0, atol=1e-9)
    played = player_of(drum).play([37], drum)
    torch.testing.assert_close(distance.embed(played, 44100)[0], alone, rtol=0, atol=1e-9)
