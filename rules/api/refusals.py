"""What rules' operations refuse, as answers of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from catalog.api.errors import ApiError
from catalog.permissions import NotAllowedError
from rules.core.differences import Difference
from rules.operations.change_sets import WrongStateError
from rules.operations.gates import UncheckedError
from rules.operations.publishing import ChangedMeanwhileError


@contextmanager
def refusals() -> Iterator[None]:
    """Answer 403, 409 or 412 with the words of what the block refuses."""
    try:
        yield
    except NotAllowedError as error:
        raise ApiError("forbidden", str(error), status=403) from None
    except WrongStateError as error:
        raise ApiError("wrong_state", str(error), status=409) from None
    except UncheckedError as error:
        raise ApiError("unchecked", str(error), status=409) from None
    except ChangedMeanwhileError as error:
        raise overtaken(error) from None


def overtaken(error: ChangedMeanwhileError) -> ApiError:
    return ApiError(
        "version_conflict",
        str(error),
        status=412,
        details={
            "rule_id": str(error.rule.pk),
            "current_version": error.current,
            "differences": words_of(error.differences),
        },
    )


def words_of(found: list[Difference]) -> list[dict[str, str]]:
    return [
        {name: text for name, text in _fields(each).items() if name != "label"}
        for each in found
    ]


def _fields(difference: Difference) -> dict[str, str]:
    return msgspec.structs.asdict(difference)
