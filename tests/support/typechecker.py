"""The runtime type checker of the tests: beartype, with an int accepted where a float is hinted, as PEP 484 has it."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
