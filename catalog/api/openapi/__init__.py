"""How a view says what it takes and answers, for /schema, /docs and the tests.

Structs are the only description: requests are decoded by them, answers encoded from
them, and the OpenAPI schema is derived from them. A view writes::

    class SegmentsDryRun(TenantView):
        @documented(
            summary="Which segment a user falls into",
            request=DryRun,                 # a msgspec Struct; None without a body
            answer=DryRunAnswer,            # a Struct, list[Struct], or a File
            example_request={"user_id": "u1"},
            example_answer={"matched": True, "segment_id": "vip"},
            parameters=[query("namespace", "Whose segments.")],
            status=200,                     # of the answer
            errors=(404,),                  # beside 400, 401, 403, 413 and 503
        )
        def post(self, request: Request) -> Response: ...

The docstring of the method, else of the view, becomes the description; a field's
docstring does not reach the schema, so say it with
`Annotated[int, msgspec.Meta(description="...", ge=1)]`. Fields typed `Any` or
`dict[str, Any]` are free-form.

A test refuses every /v1 operation that lacks an example for its request or answer,
and one that sends each example request through `conform`. After a change run
`manage.py write_reference`; CI runs `manage.py check_openapi`.
"""

from .documenting import File, documented, query
from .operations import OperationSchema
from .structs import StructSchema

__all__ = ["File", "OperationSchema", "StructSchema", "documented", "query"]
