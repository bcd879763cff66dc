"""Every error that the service raises on purpose, with the HTTP status that its one handler answers with.

    ServiceError
    ├── RequestError      400   a request that cannot be understood
    ├── UnknownCaller     401   no key or session, or not a valid one
    ├── Forbidden         403   the caller's role does not allow it
    ├── NotFound          404   there is no such thing, or not for this caller
    ├── Conflict          409   it exists, but not in a state in which this can be done
    ├── Gone              410   it is over
    ├── TooLarge          413   more than is allowed
    ├── Unprocessable     422   a value that cannot be used
    ├── TooMany           429   too many attempts
    ├── Unavailable       503   a part that is needed does not answer at present
    ├── BackupError       –     a backup cannot be made or restored
    └── SettingsError     –     a setting cannot be used; the process does not start

A message is one line: the thing, the value that was given, and what is allowed. An error of `nebula` answers with 422.
"""

from typing import ClassVar


class ServiceError(Exception):
    """Base of all errors that the service raises on purpose.

    Attributes:
        status: HTTP status of the answer.
        code: The same in one word, for programs: the `code` in the JSON error.
        headers: What else the answer's head says.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    headers: ClassVar[dict[str, str]] = {}


class RequestError(ServiceError):
    """A request that cannot be understood."""

    status, code = 400, "bad_request"


class UnknownCaller(ServiceError):  # noqa: N818 — the names say what happened, as HTTP's own do
    """No key or session came with the request, or not a valid one."""

    status, code = 401, "unauthenticated"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(ServiceError):  # noqa: N818
    """The caller's role does not allow it."""

    status, code = 403, "forbidden"


class NotFound(ServiceError):  # noqa: N818
    """There is no such thing, or not for this caller."""

    status, code = 404, "not_found"


class Conflict(ServiceError):  # noqa: N818
    """It exists, but not in a state in which this can be done."""

    status, code = 409, "conflict"


class Gone(ServiceError):  # noqa: N818
    """It is over."""

    status, code = 410, "gone"


class TooLarge(ServiceError):  # noqa: N818
    """More than is allowed."""

    status, code = 413, "too_large"


class Unprocessable(ServiceError):  # noqa: N818
    """A value that cannot be used."""

    status, code = 422, "unprocessable"


class TooMany(ServiceError):  # noqa: N818
    """Too many attempts."""

    status, code = 429, "too_many"


class Unavailable(ServiceError):  # noqa: N818
    """A part that is needed does not answer at present."""

    status, code = 503, "unavailable"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class BackupError(ServiceError):
    """A backup cannot be made or restored."""

    code = "backup"


class SettingsError(ServiceError):
    """A setting cannot be used."""

    code = "settings"
