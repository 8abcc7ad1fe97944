from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Items can be written while the indexes are made.
    atomic = False

    dependencies = [("catalog", "0002_tracked_edits")]

    operations = [
        AddIndexConcurrently(
            model_name="item",
            index=models.Index(
                condition=models.Q(("brand__isnull", False), ("listed", True)),
                fields=["namespace", "brand", "created_at", "id"],
                name="item_brand_order",
            ),
        ),
        AddIndexConcurrently(
            model_name="item",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    "category_path",
                    "category",
                    function="array_append",
                    output_field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None
                    ),
                ),
                name="item_categories",
            ),
        ),
    ]
