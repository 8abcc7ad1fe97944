"""The hot routes: recommendations, rerank, similar items; and their validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from audit.spool import SpoolRefusedError
from catalog.api import openapi
from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.parameters import whole_number
from catalog.api.request_id import request_id_of
from catalog.api.view import TenantView
from catalog.api.wire import JsonRenderer, decode, encode
from catalog.core.moments import microseconds
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from ranking import serve
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from ranking.core.request import DEFAULT_K
from ranking.core.request import Request as RankingRequest

from . import canonical, examples
from .answers import nothing, ranking_answer
from .bodies import (
    DEFAULT_NAMESPACE,
    MAX_K,
    RankingAnswer,
    RankingBody,
    RerankBody,
    SimilarOut,
    ValidationAnswer,
)
from .configuration_bodies import wrong_knob
from .view import NAMESPACE


class HotView(TenantView):
    """Reads over connections of its own, so no transaction is opened for it."""

    scopes = {"POST": Scope.RANK, "GET": Scope.RANK}
    in_transaction = False


class RankingView(HotView):
    """Ranks what was asked for, in the way that the route names."""

    route: ClassVar[str]

    def rank[B: RankingBody](
        self,
        request: Request,
        body_type: type[B],
        canonical_form: Callable[[B], RankingRequest],
    ) -> HttpResponseBase:
        body, self.warnings = decode(request, body_type)
        wanted = canonical_form(body)
        namespace = self.namespace(wanted.namespace)
        if namespace is None:
            return self.answer(nothing(wanted))
        call = serve.Call(
            namespace=namespace,
            request=wanted,
            wall_us=microseconds(self.at),
            route=self.route,
            request_id=request_id_of(request._request),
            is_dry=bool(body.dry_run),
        )
        answer = served(lambda: serve.answer(call))
        warnings = [*self.warnings, *answer.warnings]
        # Encoded here: a response that renders itself later takes longer.
        encoded = encode(ranking_answer(answer, warnings=warnings))
        return HttpResponse(encoded, content_type=JsonRenderer.media_type)


class RecommendationsView(RankingView):
    route = "recommendations"

    @documented(
        summary="What somebody should see here",
        request=RankingBody,
        answer=RankingAnswer,
        example_request=examples.RECOMMENDATION,
        example_answer=examples.RANKING,
        errors=(404,),
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Each answer is kept as a decision that can be explained and replayed."""
        return self.rank(request, RankingBody, canonical.recommendation)


class RerankView(RankingView):
    route = "rerank"

    @documented(
        summary="Put the caller's own items in order",
        request=RerankBody,
        answer=RankingAnswer,
        example_request=examples.RERANK,
        example_answer=examples.RANKING,
        errors=(404,),
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Take a sent score as the item's popularity; the other signals are ours."""
        return self.rank(request, RerankBody, canonical.rerank)


class ValidateView(HotView):
    @documented(
        summary="What a ranking request would use",
        request=RankingBody,
        answer=ValidationAnswer,
        example_request=examples.RECOMMENDATION,
        example_answer=examples.VALIDATION,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Profile, knobs with the layer of each, segment and warnings; no ranking."""
        body, self.warnings = decode(request, RankingBody)
        wanted = canonical.recommendation(body)
        namespace = self.namespace(wanted.namespace)
        if namespace is None:
            return self.answer(ValidationAnswer(valid=True, namespace=wanted.namespace))
        found = served(
            lambda: serve.validate(namespace, wanted, wall_us=microseconds(self.at))
        )
        warnings = [*self.warnings, *found.pop("warnings")]
        return Response(
            ValidationAnswer(
                valid=True, namespace=wanted.namespace, warnings=warnings, **found
            )
        )


class SimilarView(HotView):
    @documented(
        summary="Items like one",
        answer=list[SimilarOut],
        example_answer=examples.SIMILAR,
        parameters=[
            NAMESPACE,
            openapi.query("k", f"How many, 1 to {MAX_K}; {DEFAULT_K} when absent."),
        ],
        errors=(404,),
    )
    def get(self, request: Request, item_id: str) -> Response:
        """By content, by learned taste and by who chooses both."""
        name = request.query_params.get("namespace") or DEFAULT_NAMESPACE
        k = whole_number(request, "k", default=DEFAULT_K, low=0, high=MAX_K)
        namespace = self.namespace(name)
        found = None
        if namespace is not None and is_id(item_id):
            found = _similar(namespace, item_id, k=k or DEFAULT_K)
        if found is None:
            raise ApiError(
                "item_not_found",
                f"There is no item {item_id} in namespace {name}.",
                status=404,
                details={"field": "item_id"},
            )
        return Response(found)


def _similar(namespace: Namespace, item_id: str, *, k: int) -> list[SimilarOut] | None:
    items = served(lambda: serve.similar(namespace, item_id, k=k))
    if items is None:
        return None
    return [SimilarOut(each.item_id, each.score, list(each.reasons)) for each in items]


def served[T](call: Callable[[], T]) -> T:
    """Call, with what serving refuses in the words of the API."""
    try:
        return call()
    except KnobError as error:
        raise wrong_knob("invalid_override", error) from None
    except UnknownProfileError as error:
        raise ApiError(
            "profile_not_found",
            f"There is no profile {error.args[0]}.",
            status=404,
            details={"field": "profile"},
        ) from None
    except (serve.NothingToServeError, SpoolRefusedError) as error:
        raise ApiError(
            "service_unavailable",
            f"This cannot be answered now: {error}.",
            status=503,
            headers={"Retry-After": "1"},
        ) from error
