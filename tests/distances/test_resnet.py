"""The encoder of the doppelgänger recipe: what it sees against its definition, its size against the published one."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nebula import distances
from nebula.distances.resnet.network import ResNetEncoder, random_encoder
from nebula.distances.resnet.patches import PATCH_SAMPLES, RATE_HZ, patches
from nebula.errors import ArgumentError, DistanceError


def test_a_patch_is_the_log_of_magnitudes_in_triangles_on_the_mel_scale():
    sound = torch.from_numpy(np.random.default_rng(3).normal(0, 0.1, PATCH_SAMPLES))[None]
    (found,) = patches(sound, RATE_HZ)[0].numpy()
    frame = 40
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    magnitudes = np.abs(np.fft.rfft(sound[0, frame * 160 : frame * 160 + 400].numpy() * window, 512))

    def mel(frequency_hz):
        return 1127.0 * np.log(1 + frequency_hz / 700)

    edges = np.linspace(mel(125), mel(7500), 66)
    places = mel(np.arange(257) * RATE_HZ / 512)
    for band in (0, 17, 63):
        weights = np.interp(places, edges[band : band + 3], [0, 1, 0], left=0, right=0)
        # A magnitude here is the root of its square plus 1e-24, and HTK rounds 1127.01 otherwise than 2595 log10.
        assert found[frame, band] == pytest.approx(np.log(weights @ magnitudes + 0.01), abs=1e-4)


def test_patches_follow_one_another_and_short_sounds_are_padded():
    generator = torch.Generator().manual_seed(1)
    sound = torch.randn(1, 2 * 96 * 160 + 400, generator=generator)
    both = patches(sound, RATE_HZ)
    assert both.shape == (1, 2, 96, 64)
    torch.testing.assert_close(both[:, 1], patches(sound[:, 96 * 160 :], RATE_HZ)[:, 0])
    assert patches(sound[:, :100], RATE_HZ).shape == (1, 1, 96, 64)


def test_the_encoder_is_resnet18_of_one_channel_without_its_classifier():
    # torchvision counts 11,689,512: of these 513,000 classify, and the first layer sees three channels.
    parameters = sum(parameter.numel() for parameter in ResNetEncoder().parameters())
    assert parameters == 11_689_512 - 513_000 - 2 * 64 * 7 * 7
    features = []
    network = ResNetEncoder(4)
    for block in network.blocks:
        block.register_forward_hook(lambda module, given, found: features.append(tuple(found.shape[1:])))
    assert network(torch.zeros(2, 96, 64)).shape == (2, 32)
    sizes = [(4, 24, 16), (8, 12, 8), (16, 6, 4), (32, 3, 2)]
    assert features == [size for size in sizes for _ in range(2)]


def test_random_weights_follow_from_their_seed_and_leave_torchs_generator_alone():
    torch.manual_seed(4)
    before = torch.get_rng_state()
    first, again, other = random_encoder(1, 4), random_encoder(1, 4), random_encoder(2, 4)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.entry.weight, again.entry.weight)
    assert not torch.equal(first.entry.weight, other.entry.weight)


def test_vectors_are_unit_ones_whatever_the_level_and_a_file_decides_them(tmp_path):
    sounds = 0.3 * torch.randn(2, 22050, generator=torch.Generator().manual_seed(2))
    path = tmp_path / "weights.safetensors"
    save_file(random_encoder(7, 4).state_dict(), path)
    distance = distances.get(f"resnet:{path}")
    vectors = distance.embed(sounds, 22050)
    assert vectors.shape == (2, 32)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    torch.testing.assert_close(distance.embed(0.1 * sounds, 22050), vectors, rtol=0, atol=1e-5)
    save_file(random_encoder(8, 4).state_dict(), path)
    other = distances.get(f"resnet:{path}")
    assert other.key != distance.key
    assert (other.embed(sounds, 22050) - vectors).abs().max() > 1e-3


def test_keys_of_random_weights_differ_by_seed():
    assert distances.get("resnet:random-1").key != distances.get("resnet:random").key


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ("", ArgumentError, "weights: got '', expected a path, or random"),
        ("gone", DistanceError, "resnet:gone: the weights cannot be read (No such file or directory)"),
    ],
)
def test_weights_that_are_not_there_are_named(weights, error, message):
    with pytest.raises(error) as raised:
        distances.get(f"resnet:{weights}")
    assert str(raised.value) == message


def test_a_file_of_something_else_is_named(tmp_path):
    path = tmp_path / "other"
    for save in (lambda: path.write_bytes(b"nothing"), lambda: save_file({"entry.weight": torch.zeros(4, 1)}, path)):
        save()
        with pytest.raises(DistanceError) as raised:
            distances.get(f"resnet:{path}")
        assert str(raised.value) == f"resnet:{path}: the file holds no weights of such an encoder"
