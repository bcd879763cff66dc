"""The runtime type checker of the tests: beartype, with an int accepted where a float is hinted, as PEP 484 has it."""

# What is checked has to be there: `nebula.tensors` has the real words for shapes only where torch is loaded.
import torch  # noqa: F401
from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
