"""Problems: expected failures, told as RFC 9457 says. One class each, its slug for ever."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an input. `pointer` is a JSON pointer into the body ("" = all of it)."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """An expected failure. `detail` says what happened, to what, and what to do about it.

    errors: every fault of an input at once.
    extra:  further members of the problem body, such as the actions that would be allowed.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    retry_after_s: ClassVar[int | None] = None
    classes: ClassVar[dict[str, type["Problem"]]] = {}

    def __init_subclass__(cls) -> None:
        taken = Problem.classes.setdefault(cls.slug, cls)
        assert taken is cls or taken.__qualname__ == cls.__qualname__, f"{cls.slug} is taken"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[Fault] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = list(errors)
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        """The problem+json body: type, title, status, detail, errors, and the extra members."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = [msgspec.to_builtins(fault) for fault in self.errors]
        return body | {key: value for key, value in self.extra.items() if key not in body}


class InvalidInput(Problem):
    """The input is well-formed but breaks rules; `errors` lists all of them with pointers."""

    slug = "invalid-input"
    title = "The input is not valid"
    status = 422


class MalformedBody(Problem):
    """The body is no JSON, is nested too deeply or holds a number that JSON doesn't allow."""

    slug = "malformed-body"
    title = "The body could not be read"
    status = 400


class BodyTooLarge(Problem):
    """The body is larger than this endpoint takes."""

    slug = "body-too-large"
    title = "The body is too large"
    status = 413


class UnsupportedMediaType(Problem):
    """The body is of a type that this endpoint doesn't read."""

    slug = "unsupported-media-type"
    title = "The content type is not supported"
    status = 415


class NotFound(Problem):
    """There is no such thing, or the caller may not see it: both look the same on purpose."""

    slug = "not-found"
    title = "Not found"
    status = 404


class MethodNotAllowed(Problem):
    """The path exists, but not with this method."""

    slug = "method-not-allowed"
    title = "The method is not allowed here"
    status = 405


class NotAuthenticated(Problem):
    """No valid key or session came with the request."""

    slug = "not-authenticated"
    title = "Sign in or send a valid API key"
    status = 401


class NotPermitted(Problem):
    """The caller is known but lacks the permission."""

    slug = "not-permitted"
    title = "This needs a permission that you don't have"
    status = 403


class CsrfFailed(Problem):
    """A form came without the token of its session."""

    slug = "csrf-failed"
    title = "The form is too old or was not sent from here"
    status = 403


class ActionNotAllowed(Problem):
    """The thing's state doesn't allow the action; `allowed_actions` says what it does allow."""

    slug = "action-not-allowed"
    title = "The action is not allowed in this state"
    status = 409


class AlreadyExists(Problem):
    """Something with the same identity exists; `existing` names it."""

    slug = "already-exists"
    title = "It exists already"
    status = 409


class VersionConflict(Problem):
    """`If-Match` named an older version; `version` is the current one. Read again, then decide."""

    slug = "version-conflict"
    title = "It was changed by someone else meanwhile"
    status = 412


class VersionRequired(Problem):
    """The endpoint needs `If-Match`, so that nobody's change is overwritten unseen."""

    slug = "version-required"
    title = "Send If-Match with the version you read"
    status = 428


class IdempotencyKeyReused(Problem):
    """The Idempotency-Key was used before with another body."""

    slug = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"
    status = 422


class IdempotencyKeyInvalid(Problem):
    """The Idempotency-Key is empty, longer than 255 characters or not printable ASCII."""

    slug = "idempotency-key-invalid"
    title = "The Idempotency-Key is not valid"
    status = 400


class IdempotencyKeyMissing(Problem):
    """Nothing would tell this order from the same one sent again.

    Send an `Idempotency-Key` header, best a fresh UUID per request, or the channel's own
    `external_id` of the order.
    """

    slug = "idempotency-key-missing"
    title = "An Idempotency-Key is missing"
    status = 400


class TooManyRequests(Problem):
    """Too many tries in a short time."""

    slug = "too-many-requests"
    title = "Too many requests"
    status = 429
    retry_after_s = 30


class ClientGone(Problem):
    """The caller hung up before its request had come. Nobody reads this answer; logs show it."""

    slug = "client-gone"
    title = "The caller hung up"
    status = 499


class Busy(Problem):
    """The queue is full or a lock was not free in time. Nothing was written; try again."""

    slug = "busy"
    title = "Too busy right now; try again"
    status = 503
    retry_after_s = 1


class DatabaseUnavailable(Problem):
    """The database can't be reached. Nothing was written, or the same key will tell what was."""

    slug = "database-unavailable"
    title = "The database can't be reached; try again"
    status = 503
    retry_after_s = 2


class InternalError(Problem):
    """A defect of Ordito; the request id finds it in the log."""

    slug = "internal-error"
    title = "Something went wrong on our side"
    status = 500
