from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_feedback"),
    ]

    operations = [
        migrations.AddField("auditbatch", "kind", models.SmallIntegerField(default=0)),
        migrations.AddField("auditbatch", "rows_digest", models.BinaryField(default=bytes)),
        migrations.AddField("auditbatch", "first_day", models.DateField(null=True)),
        migrations.AddField("auditbatch", "last_day", models.DateField(null=True)),
        migrations.AddField("auditbatch", "seal", models.BinaryField(null=True)),
        migrations.AlterField("auditbatch", "rows", models.BinaryField(null=True)),
        migrations.AddIndex(
            "auditbatch",
            models.Index(fields=["org", "last_day"], name="auditbatch_org_last_day"),
        ),
        migrations.CreateModel(
            name="PseudonymKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("version", models.SmallIntegerField()),
                ("since", models.DateTimeField()),
                ("rotated_by", models.TextField(blank=True)),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.org",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org", "version"), name="pseudonymkey_org_version"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
