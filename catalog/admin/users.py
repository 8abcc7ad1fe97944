from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from catalog.models import User

from .event_reads import HISTORY, history
from .lists import count, newest_first
from .page import PageAdmin, namespace_of


@admin.register(User)
class UserAdmin(PageAdmin[User]):
    def list_page(self, request: HttpRequest) -> HttpResponse:
        everybody = User.objects.filter(namespace=namespace_of(request), listed=True)
        users = everybody
        if asked := request.GET.get("q", "").strip():
            users = users.filter(user_id__startswith=asked)
        page = newest_first(
            users,
            moment="created_at",
            after=request.GET.get("after", ""),
            among=everybody if asked else None,
        )
        return self.page(
            request,
            "recsys/users.html",
            title="Users",
            page=page,
            count=count(users) if page.is_first else None,
        )

    def row_page(self, request: HttpRequest, row: User) -> HttpResponse:
        return self.page(
            request,
            "recsys/user_page.html",
            title=row.user_id,
            crumbs=self.lists(),
            shopper=row,
            history=history(namespace_of(request), row),
            history_length=HISTORY,
        )
