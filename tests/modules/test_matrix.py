"""The modulation matrix."""

import torch

from nebula.modules.matrix import modulate


def test_modulation_is_a_matrix_product_of_sources_onto_targets():
    sources = torch.eye(4, dtype=torch.float64).unsqueeze(0)
    matrix = torch.arange(20, dtype=torch.float64).reshape(1, 4, 5)
    torch.testing.assert_close(modulate(matrix, sources), matrix.transpose(1, 2))
