"""Keys, browser sessions and the audit log as the API shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.accounts.roles import Role

KeyName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Whose or what for, in one line.",
        examples=["lab notebook"],
    ),
]


class KeyRequest(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: KeyName
    role: Role = Role.VIEWER


class KeyAnswer(BaseModel):
    """A key, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    role: Role
    created_at: datetime
    revoked_at: Annotated[datetime | None, Field(description="When it ended; null while it is valid.")]


class NewKeyAnswer(KeyAnswer):
    """A key that was just made."""

    token: Annotated[str, Field(description="The secret, for `Authorization: Bearer`. It is not shown again.")]


class LoginRequest(BaseModel):
    """The key to log in with."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200, description="An API key.")]


class CallerAnswer(BaseModel):
    """Who is calling."""

    model_config = ConfigDict(from_attributes=True)

    key_id: str
    name: str
    role: Role


class AuditAnswer(BaseModel):
    """Who did what, when."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    key_id: Annotated[str, Field(description="Empty: the command line, or someone who failed to log in.")]
    caller: Annotated[str, Field(description="What the key was called.")]
    action: Annotated[str, Field(description="Noun and verb.", examples=["study.pause"])]
    subject: Annotated[str, Field(description="What it was done to.")]
    details: dict[str, Any]
