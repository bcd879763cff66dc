import math

import pytest
import torch

from nebula.training import losses


def test_divergence_is_zero_at_the_truth_and_known_for_an_even_answer():
    share = torch.tensor([[[0.5, 0.5, 0.0, 0.0]]])
    energy = torch.ones(1, 1)
    assert losses.pitch_divergence((share + 1e-30).log(), share, energy).item() == pytest.approx(0, abs=1e-6)
    # ln 4 of an even answer, less the ln 2 that the truth itself is undecided by.
    assert losses.pitch_divergence(torch.zeros(1, 1, 4), share, energy).item() == pytest.approx(math.log(2))


def test_frames_count_by_the_fourth_root_of_their_energy_and_silent_ones_not_at_all():
    share = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    logits = torch.tensor([[[50.0, 0.0], [0.0, 0.0], [50.0, 0.0]]])
    energy = torch.tensor([[1.0, 1 / 16, 0.0]])
    found = losses.pitch_divergence(logits, share, energy)
    assert found.item() == pytest.approx(math.log(2) * 0.5 / 1.5, rel=1e-5)


def test_contrast_is_alignment_plus_uniformity():
    first = torch.tensor([[0.0], [0.1], [0.3]], dtype=torch.float64)
    second = torch.tensor([[0.01], [0.1], [0.28]], dtype=torch.float64)
    alignment = (0.01 + 0.0 + 0.02) / 3 / losses.FAR
    apart = [abs(a - b) for i, a in enumerate((0, 0.1, 0.3)) for j, b in enumerate((0.01, 0.1, 0.28)) if i != j]
    uniformity = math.log(sum(math.exp(-distance / losses.FAR) for distance in apart))
    assert losses.contrast(first, second).item() == pytest.approx(alignment + uniformity, rel=1e-9)


def test_a_straight_chain_in_order_costs_nothing():
    start, end = torch.zeros(5), torch.tensor([1.0, -1.0, 0.5, 0.0, 2.0])
    chain = torch.stack([start, 0.4 * end, end])[None]
    found = losses.order(chain, torch.tensor([True]))
    assert found.loss.item() == pytest.approx(0, abs=1e-6)
    assert found.correct.item() == 1


def test_a_detour_and_a_chain_out_of_order_cost():
    detour = torch.tensor([[[0.0, 0.0], [0.5, 0.3], [1.0, 0.0]]])
    swapped = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.4, 0.0]]])
    yes = torch.tensor([True])
    # 0.8 + 0.8 against 1, of which half counts; neither part is longer than 0.85 of the whole.
    assert losses.order(detour, yes).loss.item() == pytest.approx(0.5 * 0.6 / 1.005, rel=1e-5)
    found = losses.order(swapped, yes)
    assert found.loss.item() == pytest.approx(0.5 * 1.2 / 0.405 + (1 - 0.34 + 0.6 - 0.34) / 0.405, rel=1e-5)
    assert found.correct.item() == 0


def test_chains_that_have_no_order_do_not_count():
    chains = torch.tensor([[[0.0], [0.5], [1.0]], [[0.0], [1.0], [0.1]]])
    assert losses.order(chains, torch.tensor([True, False])).loss.item() == pytest.approx(0, abs=1e-6)
    nothing = losses.order(chains, torch.tensor([False, False]))
    assert nothing.loss.item() == nothing.correct.item() == 0


def test_a_collapsed_chain_gains_nothing():
    found = losses.order(torch.zeros(2, 3, 4), torch.tensor([True, True]))
    assert found.loss.item() == 0
    assert found.correct.item() == 0
