"""What a caller may do: three roles, each of which may do what those before it may."""

from enum import StrEnum


class Role(StrEnum):
    """What a key allows."""

    VIEWER = "viewer"  #: look and listen
    EXPERIMENTER = "experimenter"  #: upload corpora, run studies and listening tests
    ADMIN = "admin"  #: keys, audit log, system

    def covers(self, other: "Role") -> bool:
        """Returns whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)
