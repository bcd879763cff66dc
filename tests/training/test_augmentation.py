import pytest
import torch

from nebula.distances import level
from nebula.distances.doppelganger.pictures import COARSE_EDGES_HZ, Pictures, pictures
from nebula.training.augmentation import augment


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def chained(audio, chains):
    seen = pictures(level.align(audio), 44_100)
    return Pictures(*(picture.unflatten(0, (chains, 3)) for picture in seen))


def heard(seen, changing, seed=0):
    return augment(seen, torch.tensor(changing), torch.Generator().manual_seed(seed))


def brightness(coarse):
    """Mean band, by magnitude, of each link."""
    bands = torch.arange(coarse.shape[3])
    return (coarse.mean(2) * bands).sum(2) / coarse.mean(2).sum(2)


def test_sounds_keep_their_energy():
    seen = chained(noise(12, 44_100), 4)
    found = heard(seen, [True, False, True, False])
    # A band's magnitude is a sum over its width, so its energy is the square over the width.
    width = torch.from_numpy(COARSE_EDGES_HZ[2:] - COARSE_EDGES_HZ[:-2]).float()
    before, after = ((coarse.square() / width).sum((2, 3)) for coarse in (seen.coarse, found.coarse))
    torch.testing.assert_close(after, before, rtol=1e-4, atol=0)


def test_silence_stays_silent_and_all_is_finite():
    seen = chained(torch.cat([torch.zeros(3, 44_100), noise(3, 44_100)]), 2)
    found = heard(seen, [True, True])
    assert all(picture.isfinite().all() for picture in found)
    # What is added under a magnitude's root, 1e-12, is all there is of silence, and all that is kept.
    assert found.fine[0].max() < 1e-9
    assert found.coarse[0].max() < 1e-9


def test_changing_chains_grow_brighter_or_duller_and_others_keep_their_brightness():
    many = 60
    seen = chained(noise(1, 44_100).repeat(3 * many, 1), many)
    spread = {}
    for changing in (True, False):
        found = brightness(heard(seen, [changing] * many).coarse)
        spread[changing] = (found[:, 2] - found[:, 0]).abs().mean().item()
    assert spread[True] > 3 * spread[False] > 0


def test_a_seed_decides_what_is_heard():
    seen = chained(noise(3, 22_050), 1)
    first, again, other = (heard(seen, [False], seed).fine for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize("seed", range(5))
def test_both_pictures_are_filtered_alike(seed):
    # A tone's level relative to another's changes by the same gain in either picture.
    time = torch.arange(44_100) / 44_100
    low, high = torch.sin(2 * torch.pi * 440 * time), torch.sin(2 * torch.pi * 4000 * time)
    seen = chained((low + high)[None].repeat(3, 1), 1)
    found = heard(seen, [False], seed)

    def balance(picture, first, second):
        frames = picture[0, 0].mean(0)
        return (frames[first] / frames[second]).log()

    fine_low, fine_high = seen.fine[0, 0, 5].topk(1).indices, seen.fine[0, 0, 5, 220:].topk(1).indices + 220
    fine_low = seen.fine[0, 0, 5, :200].argmax()
    coarse_low, coarse_high = seen.coarse[0, 0, 12, :20].argmax(), seen.coarse[0, 0, 12, 20:].argmax() + 20
    in_fine = balance(found.fine, fine_low, fine_high) - balance(seen.fine, fine_low, fine_high)
    in_coarse = balance(found.coarse, coarse_low, coarse_high) - balance(seen.coarse, coarse_low, coarse_high)
    # A mel band is up to a fifth of an octave wide at 440 Hz, and filters are curved.
    assert in_fine.item() == pytest.approx(in_coarse.item(), abs=0.25)
