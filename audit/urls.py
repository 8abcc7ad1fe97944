from django.urls import URLPattern

from .api.decisions import urlpatterns as decisions
from .api.feedback import urlpatterns as feedback
from .api.heads import urlpatterns as heads

urlpatterns: list[URLPattern] = [*decisions, *feedback, *heads]
