"""What the demo shop sells: words only, read by `catalog.demo.items`."""

from .growing import BEAUTY, GOURMET, OUTDOORS
from .living import BOOKS, ELECTRONICS, HOME
from .moving import FASHION, FITNESS
from .shape import Category, Kind, Shelf

# In the order in which the brands and tags of older data sets number them.
CATEGORIES: tuple[Category, ...] = (
    ELECTRONICS,
    BOOKS,
    HOME,
    FITNESS,
    FASHION,
    BEAUTY,
    GOURMET,
    OUTDOORS,
)

__all__ = ["CATEGORIES", "Category", "Kind", "Shelf"]
