from django.urls import URLPattern

from .api import hot_urlpatterns as hot
from .api import urlpatterns as api
from .api.heads import urlpatterns as heads

hot_urlpatterns: list[URLPattern] = [*hot]
urlpatterns: list[URLPattern] = [*api, *heads]
