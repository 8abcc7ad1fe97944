"""Calls that need every app."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.bodies import DeleteBody, RowsDeleted
from catalog.api.deletes import CREATED, Deletion
from catalog.api.openapi import documented
from catalog.core.filters import Filter
from catalog.models import Namespace

from .erasure import erase_users


class UsersDelete(Deletion):
    filters = CREATED | {"user_id"}

    def delete_rows(self, namespace: Namespace, chosen: Filter) -> int:
        return erase_users(namespace, chosen, at=self.at)

    @documented(
        summary="Delete users",
        request=DeleteBody,
        example_request=examples.DELETE_USER,
        answer=RowsDeleted,
        example_answer=examples.DELETED,
        idempotent=True,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Erase users and all that is known of them; without any filter, everybody.

        This is the way to answer a request for erasure: events, signals and profile
        go, and traces keep no way back to the user.
        """
        return self.remove(request)
