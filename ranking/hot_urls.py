"""What `serve` answers, and loads nothing for but this."""

from __future__ import annotations

from django.urls import path

from .api.rankings import RecommendationsView, RerankView, SimilarView

urlpatterns = [
    path("v1/recommendations", RecommendationsView.as_view(), name="recommendations"),
    path("v1/rerank", RerankView.as_view(), name="rerank"),
    path("v1/items/<path:item_id>/similar", SimilarView.as_view(), name="similar"),
]
