"""What a step refuses, said in words that the page shows as they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from ranking.core.editing.edits import UnreadableEditsError
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from ranking.serve import NothingToServeError
from rules.admin.attempts import REFUSALS

_REFUSED = 422
_UNAVAILABLE = 503
_FAULTS = (UnreadableEditsError, KnobError, UnknownProfileError, *REFUSALS)

type View = Callable[..., HttpResponse]


def in_words(view: View) -> View:
    """Have what is refused answered in words that the page shows as they are."""

    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except _FAULTS as error:
            return _words(str(error), status=_REFUSED)
        except PermissionDenied as error:
            return _words(str(error), status=403)
        except NothingToServeError:
            told = "Nothing can be ranked just now: the database is away. Try again."
            return _words(told, status=_UNAVAILABLE)

    return answer


def _words(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
