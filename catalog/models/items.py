from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from pgvector.django import HalfVectorField

from catalog.tenancy import TenantModel

from .orgs import BYTES

# Every name under which an item is found: those of its path, and its category.
ALL_CATEGORIES = models.Func(
    "category_path",
    "category",
    function="array_append",
    output_field=ArrayField(models.TextField()),
)


class Item(TenantModel):
    """Something that can be shown. Its bigint `id` is its number inside the platform.

    An event may name an item before the catalog does, and after it was deleted: such
    a row is kept, unlisted, so that the number stays the same.
    """

    id = models.BigAutoField(primary_key=True)
    item_id = models.TextField(db_collation=BYTES)
    listed = models.BooleanField(default=True, editable=False)
    title = models.TextField(null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    brand = models.TextField(null=True, blank=True)
    category = models.TextField(null=True, blank=True)
    category_path = ArrayField(models.TextField(), default=list, blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    available = models.BooleanField(default=True)
    stock = models.IntegerField(
        null=True, blank=True, help_text="Empty when stock is not managed."
    )
    image_url = models.TextField(null=True, blank=True)
    props = models.JSONField(default=dict, blank=True)
    metadata_version = models.TextField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "item_id"],
                name="item_org_namespace_item_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=["namespace", "created_at", "id"],
                condition=models.Q(listed=True),
                name="item_list_order",
            ),
            # Of columns that seldom change: an index on stock, price or availability
            # would make every change of them rewrite all the others.
            models.Index(
                fields=["namespace", "brand", "created_at", "id"],
                condition=models.Q(listed=True, brand__isnull=False),
                name="item_brand_order",
            ),
            GinIndex(ALL_CATEGORIES, name="item_categories"),
            GinIndex(fields=["tags"], name="item_tags"),
            GinIndex(
                OpClass(Upper("title"), name="gin_trgm_ops"), name="item_title_words"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.item_id


class VectorSource(models.TextChoices):
    """Supplied and computed vectors live in different spaces: never compare them."""

    SUPPLIED = "supplied", "sent by the client"
    COMPUTED = "computed", "computed from the item's text"


class ItemVector(TenantModel):
    """An item's place in an embedding space, apart from what changes every hour."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(
        Item,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="vectors",
    )
    source = models.CharField(max_length=8, choices=VectorSource)
    model = models.CharField(max_length=100)
    dimension = models.PositiveSmallIntegerField()
    vector = HalfVectorField()
    content_sha256 = models.BinaryField(max_length=32, null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "item", "source"],
                name="itemvector_org_namespace_item_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} vector of item {self.item_id}"
