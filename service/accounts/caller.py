"""Who is calling."""

from dataclasses import dataclass

from service.accounts.roles import Role


@dataclass(frozen=True)
class Caller:
    """Who is calling.

    Attributes:
        key_id: Id of the key; empty for the command line.
        name: What the key is called.
        role: What it allows.
        by_cookie: Whether a browser sent it of its own accord, so that the origin of the page matters.
    """

    key_id: str
    name: str
    role: Role
    by_cookie: bool = False


#: Whoever can run commands on the machine owns the files anyway.
COMMAND_LINE = Caller("", "command line", Role.ADMIN)
