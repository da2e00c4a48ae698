"""The keys of Servicekonto for what comes without being asked for: anybody can post us a token, and must not
be able to make us call somebody each time.
"""

import time

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from relying_party.provider import Provider, WrongProviderError

PAUSE_SECONDS = 10

_UNUSABLE = (RequestException, WrongProviderError, JoseError, RuntimeError, ValueError, KeyError, TypeError)
"""No answer, one of somebody else, or no metadata and keys in it."""


class UnreachableError(Exception):
    """Whether the token is good cannot be said now."""


class Keys:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._asked_at = float("-inf")
        self._has_failed = False

    def for_name(self, kid: str) -> KeySet:
        """All that are published, asked for again when none has this name, as it may be new: at most once in
        ten seconds, however it ends. Raises UnreachableError.
        """
        keys = self._known(is_due=self._provider.has_old_keys)
        if any(key.kid == kid for key in keys.keys):
            return keys
        return self._known(is_due=True)

    def _known(self, *, is_due: bool) -> KeySet:
        now = time.monotonic()
        if is_due and now - self._asked_at < PAUSE_SECONDS:
            if self._has_failed:
                raise UnreachableError("it was not a moment ago")
            is_due = False
        if is_due:
            # Set before the answer is there: of many requests at once one waits for it.
            self._asked_at, self._has_failed = now, True
        try:
            keys = KeySet.import_key_set(self._provider.fetch_jwk_set(force=is_due))  # type: ignore[arg-type]
        except _UNUSABLE as error:
            raise UnreachableError(type(error).__name__) from error
        if is_due:
            self._has_failed = False
        return keys
