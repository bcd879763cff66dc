"""What decides the weights that training leaves."""

import math
from dataclasses import dataclass

from nebula.errors import ArgumentError


@dataclass(frozen=True)
class TrainingSettings:
    """What decides the weights.

    Attributes:
        seed: Everything random follows from it, in [0, 2**20).
        steps: Changes of the weights in all.
        block_chains: Chains in memory at a time, a multiple of `CHAIN_STEP`; 150 kB each.
        block_steps: Steps before the next block is rendered.
        step_chains: Chains in a step, 2 or more.
        learning_rate: At its highest; it ends at a hundredth of it.
        validation_chains: Chains that nothing is learned from, a multiple of `CHAIN_STEP`; the weights depend on them
            only in that the parts of a vector are scaled by their distances.

    Raises:
        ArgumentError: A number is outside its range.
    """

    seed: int = 0
    steps: int = 1000
    block_chains: int = 2048
    block_steps: int = 500
    step_chains: int = 24
    learning_rate: float = 3e-3
    validation_chains: int = 256

    def __post_init__(self) -> None:
        # Imported here, since the command's help shows the defaults above and need not wait for torch.
        from nebula.training.blocks import CHAIN_STEP

        def whole_groups(chains: int) -> bool:
            return chains >= CHAIN_STEP and chains % CHAIN_STEP == 0

        for name, holds, allowed in (
            ("seed", 0 <= self.seed < 2**20, f"an integer from 0 to {2**20 - 1}"),
            ("steps", self.steps >= 1, "1 or more"),
            ("block_chains", whole_groups(self.block_chains), f"a multiple of {CHAIN_STEP}"),
            ("block_steps", self.block_steps >= 1, "1 or more"),
            ("step_chains", 2 <= self.step_chains <= self.block_chains, f"from 2 to {self.block_chains}"),
            ("learning_rate", 0 < self.learning_rate < math.inf, "a positive number"),
            ("validation_chains", whole_groups(self.validation_chains), f"a multiple of {CHAIN_STEP}"),
        ):
            if not holds:
                raise ArgumentError(f"{name}: got {getattr(self, name)!r}, expected {allowed}")
