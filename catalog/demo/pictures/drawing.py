from __future__ import annotations

from zlib import crc32

from .shapes import SHAPES

# What a thing is painted with, and the lighter colour beside it.
TONES = {
    "ash": ("#7d8288", "#c9cdd1"),
    "berry": ("#8e2f52", "#dba3b8"),
    "bone": ("#b3a58a", "#ece4d3"),
    "chalk": ("#a8a396", "#f4f1ea"),
    "charcoal": ("#3b4048", "#a9b0b8"),
    "clay": ("#a8654a", "#e3bfae"),
    "cocoa": ("#5d4034", "#c7a797"),
    "copper": ("#b06a3b", "#ecc6a5"),
    "coral": ("#d8614f", "#f5c3b8"),
    "denim": ("#3f6490", "#b3c9e2"),
    "ecru": ("#b19c74", "#eee3cb"),
    "ember": ("#c2452d", "#f2b49f"),
    "fig": ("#5f3d5c", "#c7a9c4"),
    "forest": ("#2f5d46", "#a8cbb6"),
    "graphite": ("#4b5158", "#b9bfc5"),
    "indigo": ("#3d4a8a", "#b6bfe6"),
    "lime": ("#6f8f2a", "#d0e09b"),
    "moss": ("#5f7340", "#c5d1a9"),
    "mustard": ("#b9851c", "#f0d38a"),
    "navy": ("#27406b", "#a7bbdc"),
    "nude": ("#b98a72", "#efd6c8"),
    "oat": ("#a98f62", "#eadfc4"),
    "ochre": ("#b57a1f", "#edcf93"),
    "pine": ("#28594f", "#a3ccc2"),
    "pink": ("#b9637a", "#f0c6d1"),
    "plum": ("#6d3f73", "#cfaed3"),
    "rosewood": ("#8c4a4d", "#e0b7b8"),
    "rust": ("#a04a25", "#e8b698"),
    "sand": ("#a88b5f", "#e9dabd"),
    "sky": ("#3f87b0", "#b9dcef"),
    "slate": ("#4a6274", "#b7c7d3"),
    "sunset": ("#cf6a35", "#f6c7a2"),
    "terracotta": ("#b3593a", "#ecbfac"),
}
# By category, so that a page of mixed items shows its parts.
_GROUNDS = {
    "electronics": "#e6edf4",
    "books": "#f6eedd",
    "home": "#fbece0",
    "fitness": "#e8f2e4",
    "fashion": "#f6e7ec",
    "beauty": "#f2e9f6",
    "gourmet": "#faf0d8",
    "outdoors": "#e3f0ea",
}
_PLAIN_GROUND = "#eceef0"
_DARK = "#4d443c"
_TONE_NAMES = tuple(TONES)


def draw(picture: str, *, category: str, tone: str) -> str:
    """Return an SVG document of 96 by 72. Unknown names get a parcel, slate, grey."""
    main, light = TONES.get(tone, TONES["slate"])
    shape = SHAPES.get(picture, SHAPES["parcel"])
    painted = shape.replace("$a", main).replace("$b", light).replace("$d", _DARK)
    ground = _GROUNDS.get(category, _PLAIN_GROUND)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 72">'
        f'<rect width="96" height="72" fill="{ground}"/>{painted}</svg>'
    )


def tone_of(finish: str) -> str:
    """Return the colour that a finish names, or one that its letters pick.

    Examples
    --------
    >>> tone_of("Oat Stripe"), tone_of("Dusk Pink"), tone_of("Paperback")
    ('oat', 'pink', 'plum')
    """
    for word in finish.lower().split():
        if word in TONES:
            return word
    return _TONE_NAMES[crc32(finish.encode()) % len(_TONE_NAMES)]


def path_of(picture: str, *, category: str, tone: str) -> str:
    """Return the address of a picture on the desk."""
    return f"/media/items/{picture}/{category.lower()}-{tone}.svg"
