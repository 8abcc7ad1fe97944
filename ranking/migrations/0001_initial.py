import catalog.models.runs
import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(db_collation="C", max_length=100)),
                ("description", models.TextField(blank=True)),
                ("in_force", models.BooleanField(default=False, editable=False)),
                (
                    "published_number",
                    models.PositiveIntegerField(default=0, editable=False),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                (
                    "published_by",
                    models.CharField(blank=True, editable=False, max_length=150),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ProfileEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(db_collation="C", max_length=100)),
                ("description", models.TextField(blank=True)),
                ("in_force", models.BooleanField(default=False, editable=False)),
                (
                    "published_number",
                    models.PositiveIntegerField(default=0, editable=False),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                (
                    "published_by",
                    models.CharField(blank=True, editable=False, max_length=150),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.namespace",
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.org",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ranking.profile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProfileVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("config", models.JSONField(default=dict)),
                ("author", models.CharField(blank=True, max_length=150)),
                ("notes", models.TextField(blank=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("command", "Command"),
                            ("rollback", "Rollback"),
                            ("proposal", "Tuning proposal"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="ranking.profile",
                    ),
                ),
            ],
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ProfileVersionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("config", models.JSONField(default=dict)),
                ("author", models.CharField(blank=True, max_length=150)),
                ("notes", models.TextField(blank=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("api", "API"),
                            ("admin", "Admin"),
                            ("command", "Command"),
                            ("rollback", "Rollback"),
                            ("proposal", "Tuning proposal"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.namespace",
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.org",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ranking.profileversion",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ranking.profile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("segment_id", models.TextField(db_collation="C")),
                ("name", models.CharField(blank=True, max_length=200)),
                ("priority", models.IntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SegmentProfile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("profile_id", models.TextField(db_collation="C")),
                ("description", models.TextField(blank=True)),
                ("knobs", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SegmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("segment_id", models.TextField(db_collation="C")),
                ("name", models.CharField(blank=True, max_length=200)),
                ("priority", models.IntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("description", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.namespace",
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.org",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ranking.segment",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ranking.segmentprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="segment",
            name="profile",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="segments",
                to="ranking.segmentprofile",
            ),
        ),
        migrations.CreateModel(
            name="SegmentProfileEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("profile_id", models.TextField(db_collation="C")),
                ("description", models.TextField(blank=True)),
                ("knobs", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.namespace",
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.org",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ranking.segmentprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SegmentRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rule", models.JSONField()),
                ("enabled", models.BooleanField(default=True)),
                ("description", models.TextField(blank=True)),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="ranking.segment",
                    ),
                ),
            ],
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SegmentRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("rule", models.JSONField()),
                ("enabled", models.BooleanField(default=True)),
                ("description", models.TextField(blank=True)),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.namespace",
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="catalog.org",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ranking.segmentrule",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ranking.segment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServingConfig",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("content_hash", models.BinaryField(max_length=32)),
                ("document", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("change_number", models.BigIntegerField()),
                ("cause", models.CharField(max_length=200)),
                ("author", models.CharField(blank=True, max_length=150)),
                ("at", models.DateTimeField()),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
                (
                    "config",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="ranking.servingconfig",
                    ),
                ),
            ],
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SignalBuild",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=catalog.models.runs.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("building", "Building"),
                            ("ready", "Ready"),
                            ("live", "Live"),
                            ("superseded", "Superseded"),
                            ("failed", "Failed"),
                            ("collected", "Files collected"),
                        ],
                        default="building",
                        max_length=10,
                    ),
                ),
                ("snapshot_hash", models.BinaryField(max_length=32, null=True)),
                ("change_number", models.BigIntegerField(default=0)),
                ("as_of", models.DateTimeField()),
                ("last_event_id", models.BigIntegerField(default=0)),
                ("source_from", models.DateTimeField(null=True)),
                ("source_to", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("manifest", models.JSONField(default=dict)),
                ("seeds", models.JSONField(default=dict)),
                ("duration_seconds", models.FloatField(null=True)),
                ("bytes", models.BigIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("live_since", models.DateTimeField(null=True)),
                (
                    "namespace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.namespace",
                    ),
                ),
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
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="builds",
                        to="catalog.run",
                    ),
                ),
            ],
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "name"), name="profile_org_namespace_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("in_force", True)),
                fields=("org", "namespace"),
                name="profile_one_in_force",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profile",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_profileevent" ("created_at", "description", "id", "in_force", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by", "published_number") VALUES (NEW."created_at", NEW."description", NEW."id", NEW."in_force", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."published_by", NEW."published_number"); RETURN NULL;',
                    hash="8ddd2a6e62224a06e7bb0f11e1ada954c7b252df",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_71d34",
                    table="ranking_profile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profile",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ranking_profileevent" ("created_at", "description", "id", "in_force", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by", "published_number") VALUES (NEW."created_at", NEW."description", NEW."id", NEW."in_force", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."published_by", NEW."published_number"); RETURN NULL;',
                    hash="05bad6090f61917d6a541552caad44e0934179dd",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b2b18",
                    table="ranking_profile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profileevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8694976e4d5c7e9b9802965695db38c90774979d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c3476",
                    table="ranking_profileevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "profile", "number"),
                name="profileversion_org_namespace_profile_number",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profileversion",
            trigger=pgtrigger.compiler.Trigger(
                name="never_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="c2ebd2f10415b27e1582d5b231988ccaf9b9d8d1",
                    operation="UPDATE",
                    pgid="pgtrigger_never_changed_1a48e",
                    table="ranking_profileversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profileversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_profileversionevent" ("author", "config", "created_at", "id", "namespace_id", "notes", "number", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "source") VALUES (NEW."author", NEW."config", NEW."created_at", NEW."id", NEW."namespace_id", NEW."notes", NEW."number", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id", NEW."source"); RETURN NULL;',
                    hash="bb9c1c8e5b3739740111ca8caf323ffbdd6f4b56",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9f959",
                    table="ranking_profileversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="profileversionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9ff05a539497a9560d28fc14fc998ba39b058b45",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_fe4e4",
                    table="ranking_profileversionevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="segmentprofile",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "profile_id"),
                name="segmentprofile_org_namespace_profile_id",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentprofileevent" ("created_at", "description", "id", "knobs", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "updated_at") VALUES (NEW."created_at", NEW."description", NEW."id", NEW."knobs", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile_id", NEW."updated_at"); RETURN NULL;',
                    hash="a43f82d1312c73d97689fef48837581957322e80",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7d937",
                    table="ranking_segmentprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ranking_segmentprofileevent" ("created_at", "description", "id", "knobs", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "updated_at") VALUES (NEW."created_at", NEW."description", NEW."id", NEW."knobs", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profile_id", NEW."updated_at"); RETURN NULL;',
                    hash="44736f88d9c986b9f8b6901b0a7e4ed24b647f7a",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_68246",
                    table="ranking_segmentprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentprofileevent" ("created_at", "description", "id", "knobs", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile_id", "updated_at") VALUES (OLD."created_at", OLD."description", OLD."id", OLD."knobs", OLD."namespace_id", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profile_id", OLD."updated_at"); RETURN NULL;',
                    hash="fc1e2660cffa1d3608fce39453ec6e7a190b5317",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1410a",
                    table="ranking_segmentprofile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c965a7578e3471b704514b4b845316df53f541e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3b9b9",
                    table="ranking_segmentevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "segment_id"),
                name="segment_org_namespace_segment_id",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentevent" ("active", "created_at", "description", "id", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "profile_id", "segment_id", "updated_at") VALUES (NEW."active", NEW."created_at", NEW."description", NEW."id", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."priority", NEW."profile_id", NEW."segment_id", NEW."updated_at"); RETURN NULL;',
                    hash="4fde6122beaf98b41dec8ab033129acdfadc4a73",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_700a9",
                    table="ranking_segment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ranking_segmentevent" ("active", "created_at", "description", "id", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "profile_id", "segment_id", "updated_at") VALUES (NEW."active", NEW."created_at", NEW."description", NEW."id", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."profile_id", NEW."segment_id", NEW."updated_at"); RETURN NULL;',
                    hash="f279f352ce0ae680635b4ff16c2fe395ecea5b65",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_617bf",
                    table="ranking_segment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentevent" ("active", "created_at", "description", "id", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "profile_id", "segment_id", "updated_at") VALUES (OLD."active", OLD."created_at", OLD."description", OLD."id", OLD."name", OLD."namespace_id", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."priority", OLD."profile_id", OLD."segment_id", OLD."updated_at"); RETURN NULL;',
                    hash="08312a6beeb3000dc4a56bff1b1dcd195c1d6a87",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8b67a",
                    table="ranking_segment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentprofileevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b5f7bd2250490c7ec1cff9610cbdf7aa2a46fb2a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f7304",
                    table="ranking_segmentprofileevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="segmentrule",
            index=models.Index(
                fields=["org", "namespace", "segment", "id"], name="segmentrule_segment"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentruleevent" ("description", "enabled", "id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "segment_id") VALUES (NEW."description", NEW."enabled", NEW."id", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rule", NEW."segment_id"); RETURN NULL;',
                    hash="bea8338354f7c671bb7a3406e57a1eb06eee03cc",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4bff7",
                    table="ranking_segmentrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ranking_segmentruleevent" ("description", "enabled", "id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "segment_id") VALUES (NEW."description", NEW."enabled", NEW."id", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rule", NEW."segment_id"); RETURN NULL;',
                    hash="030aa1f5311cd624d48abf168e4d9b3c07d12cbf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1ff33",
                    table="ranking_segmentrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ranking_segmentruleevent" ("description", "enabled", "id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule", "segment_id") VALUES (OLD."description", OLD."enabled", OLD."id", OLD."namespace_id", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rule", OLD."segment_id"); RETURN NULL;',
                    hash="af16bb8a5238e65d7404c503760dbc313b7fbb4f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_63206",
                    table="ranking_segmentrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentruleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1f26c1eba1f71f7061bb2f5cf26a66294510826b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c15b3",
                    table="ranking_segmentruleevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="servingconfig",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "content_hash"),
                name="servingconfig_org_namespace_content_hash",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servingconfig",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="64392f16566d4729c9cf45fb4f927af0fd1ea993",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7ffdb",
                    table="ranking_servingconfig",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                fields=("org", "namespace", "change_number"),
                name="publication_org_namespace_change_number",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="723aef1bf1e17354fa2d7a9ce21b0714c5954143",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9ff79",
                    table="ranking_publication",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="signalbuild",
            index=models.Index(
                fields=["org", "namespace", "-created_at"],
                name="signalbuild_list_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="signalbuild",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "live")),
                fields=("org", "namespace"),
                name="signalbuild_one_live",
            ),
        ),
    ]
