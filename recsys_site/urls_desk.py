from django.contrib import admin
from django.urls import path

from .urls_serve import urlpatterns as hot_routes

urlpatterns = [
    *hot_routes,
    path("admin/", admin.site.urls),
]
