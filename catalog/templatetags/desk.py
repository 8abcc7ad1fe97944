"""How the admin shows icons, moments, numbers, items and small charts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.core.drawing import Bar, mark_path, spark_path
from catalog.core.preview_as import PreviewAs, read_preview

register = template.Library()

_TINTS = 6
_MESSAGE_ICONS = {"success": "check", "warning": "warning", "error": "warning"}
_LOADABLE = ("https://", "data:image/", "/")


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', _sprite(), name
    )


@cache
def _sprite() -> str:
    return static("recsys/icons.svg")


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def message_icon(level: str) -> str:
    return _MESSAGE_ICONS.get(level, "info")


@register.filter
def initials(name: str) -> str:
    parts = name.replace(".", " ").replace("-", " ").split()
    return "".join(part[0] for part in parts[:2]).upper() or "?"


@register.simple_tag(takes_context=True)
def moment(context: template.Context, value: datetime | None, style: str = "") -> Any:
    """Show a moment in the namespace's zone, with UTC in the tooltip."""
    if value is None:
        return "–"
    namespace = getattr(context.get("request"), "namespace", None)
    local = value.astimezone(ZoneInfo(namespace.time_zone if namespace else "UTC"))
    return format_html(
        '<time class="one-line" datetime="{}" title="{} UTC">{}</time>',
        value.astimezone(UTC).isoformat(),
        f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        in_words(local, style=style),
    )


def in_words(local: datetime, *, style: str = "") -> str:
    """Return a moment as short as its year allows: "Thu 19 Nov 09:12"."""
    if style == "short" and abs((datetime.now(UTC) - local).days) < 6:
        return f"{local:%a %H:%M}"
    if style == "headline":
        return f"{local:%A} {local.day} {local:%B}"
    clock = f"{local:%H:%M:%S}" if style == "seconds" else f"{local:%H:%M}"
    is_recent = abs((datetime.now(UTC) - local).days) < 300
    year = "" if is_recent else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {clock}"


@register.filter
def ago(seconds: float | None) -> str:
    """Return a length of time in its largest fitting unit: "55 hours"."""
    if seconds is None:
        return "–"
    for size, unit in ((86400 * 2, "day"), (3600 * 2, "hour"), (60 * 2, "minute")):
        if seconds >= size:
            count = round(seconds / (size / 2))
            return f"{count} {unit}s"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


@register.filter
def number(value: Any) -> str:
    """Return a count as people read it: 412,806 and 1.84 M."""
    if not isinstance(value, int | float | Decimal):
        return "–"
    if not -1_000_000 < value < 1_000_000:
        return f"{value / 1_000_000:,.2f} M"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


@register.filter
def score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@register.filter
def signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


@register.filter
def percent(share: float | None) -> str:
    if share is None:
        return "–"
    digits = 0 if share in (0, 1) else 2 if abs(share) < 0.01 else 1
    return f"{share * 100:.{digits}f} %"


@register.filter
def signed_percent(share: float) -> str:
    return f"{share * 100:+.1f} %".replace("-", "−")


@register.filter
def ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f} ms"


@register.filter(name="hex")
def as_hex(content: bytes | memoryview | None) -> str:
    return bytes(content).hex() if content else ""


@register.filter
def short_hash(content: bytes | memoryview | None) -> str:
    return as_hex(content)[:8] or "none"


@register.filter
def masked(content: bytes | memoryview) -> str:
    """Return just enough of a hash to tell two users apart on one page."""
    return as_hex(content)[-4:]


@register.filter
def magnitude(value: int) -> int:
    return abs(value)


@register.simple_tag(takes_context=True)
def money(context: template.Context, price: Decimal | float | None) -> str:
    if price is None:
        return "–"
    return f"{price:,.2f} {context['request'].namespace.currency}"


@register.simple_tag
def picture(item: Any, size: str = "") -> SafeString:
    """Show an item's picture, or a tile with its first letters while it has none."""
    url = item.image_url or ""
    title = item.title or item.item_id
    if url.startswith(_LOADABLE) and not url.startswith("//"):
        pattern = (
            '<img class="picture {}" src="{}" alt="" loading="lazy" decoding="async">'
        )
        return format_html(pattern, size, url)
    return format_html(
        '<svg class="picture stand-in tint-{} {}" viewBox="0 0 32 32" '
        'aria-hidden="true">'
        '<rect width="32" height="32"/><text x="16" y="21">{}</text></svg>',
        zlib.crc32(title.encode()) % _TINTS + 1,
        size,
        initials(title),
    )


@register.inclusion_tag("recsys/chip.html")
def chip(kind: str, icon_name: str, text: str) -> dict[str, str]:
    return {"kind": kind, "icon_name": icon_name, "text": text}


@register.simple_tag
def sparkline(
    values: list[float | None],
    limit: float | None = None,
    marks: Sequence[int] = (),
) -> SafeString:
    """Draw one line over 240 x 40, without axes; what it says is written below it."""
    line, level = spark_path(values, limit=limit)
    uprights = mark_path(marks, n_values=len(values))
    dashes = format_html('<path class="limit" d="{}"/>', level) if level else ""
    return format_html(
        '<svg class="sparkline" viewBox="0 0 240 40" preserveAspectRatio="none" '
        'aria-hidden="true"><path class="zero" d="M0 40H240"/>{}{}'
        '<path class="line" d="{}"/></svg>',
        format_html('<path class="mark" d="{}"/>', uprights) if uprights else "",
        dashes,
        line,
    )


@register.simple_tag
def bar(drawn: Bar) -> SafeString:
    """Draw a stretch of a waterfall, or a share, on a track of width 400."""
    return format_html(
        '<svg class="bar" viewBox="0 0 400 12" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="track" width="400" height="12" rx="2"/>'
        '<rect class="{}" x="{}" width="{}" height="12"/></svg>',
        drawn.kind,
        f"{drawn.start * 400:.1f}",
        f"{max(drawn.width * 400, 1):.1f}",
    )


@register.simple_tag(takes_context=True)
def preview_as(context: template.Context) -> PreviewAs:
    """Return the visitor whom this page's address describes."""
    return read_preview(context["request"].GET.dict())


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changed: object) -> str:
    """Return this page's address with some parameters changed; empty ones go."""
    return _changed(context["request"].GET, changed)


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, name: str) -> str:
    """Return this page's address from its first page on, without one filter."""
    return _changed(context["request"].GET, {name: None, "after": None})


def _changed(parameters: QueryDict, changed: Mapping[str, object]) -> str:
    left = parameters.copy()
    left.pop("ns", None)
    for name, value in changed.items():
        left.pop(name, None)
        if value not in (None, ""):
            left[name] = str(value)
    return f"?{left.urlencode()}"


@register.filter
def pairs(mapping: Any) -> list[tuple[str, Any]]:
    """Return a mapping's entries, also where one of its keys is "items"."""
    return list(mapping.items()) if isinstance(mapping, dict) else []
