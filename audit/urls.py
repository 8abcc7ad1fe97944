from django.urls import URLPattern

from .api import urlpatterns as api

urlpatterns: list[URLPattern] = [*api]
