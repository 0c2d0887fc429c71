"""One HTTP call of a writer, and what its answer means for another try.

It knows no service.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from cultivar.operations.policies.writers.places import CannotWrite, RetryLater

if TYPE_CHECKING:
    import httpx

SECONDS = 20.0
_BUSY = {408, 425, 429}
_GONE = {404, 410}


def call(method: str, url: str, *, headers: dict[str, str], **content: Any) -> "httpx.Response":
    """Make a call and return its answer once it is one of success.

    Redirects are not followed: a secret goes to the stated address alone.

    Raises:
        Later: out of reach, too slow, busy (with the time that it asks for) or broken (5xx).
        Never: gone (404, 410), or refused.
    """
    import httpx  # noqa: PLC0415 - an extra, and slow to import

    try:
        answer = httpx.request(
            method, url, headers=headers, timeout=SECONDS, follow_redirects=False, **content
        )
    except httpx.HTTPError as error:
        raise RetryLater(type(error).__name__) from error
    status = answer.status_code
    if status in _BUSY or status >= 500:
        raise RetryLater(f"HTTP {status}", _asked_for(answer.headers.get("Retry-After")))
    if status in _GONE:
        raise CannotWrite("the item is gone")
    if not answer.is_success:
        raise CannotWrite(f"refused with HTTP {status}", "failed")
    return answer


def _asked_for(retry_after: str | None) -> timedelta | None:
    """Return how long a header asks to wait: seconds, or until a date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return timedelta(seconds=int(retry_after))
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(aware - datetime.now(UTC), timedelta(0))
