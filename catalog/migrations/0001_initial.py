# Started by Django 5.2.19 on 2026-11-21 08:53

import catalog.models.runs
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
import pgvector.django.halfvec
from django.conf import settings
from django.db import migrations, models


EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
"""

# Django cannot declare partitions, so these two tables are made by hand. Every month
# of events starts in the DEFAULT partition; catalog/operations/partitions.py moves it
# to one of its own. A sequence, not an identity column: PostgreSQL 16 knows those on
# partitioned tables only by half.
EVENT_TABLE = """
CREATE SEQUENCE catalog_event_id_seq;
CREATE TABLE catalog_event (
    id bigint NOT NULL DEFAULT nextval('catalog_event_id_seq'),
    org_id uuid NOT NULL,
    namespace_id bigint NOT NULL,
    user_id bigint NOT NULL,
    item_id bigint NOT NULL,
    type smallint NOT NULL CHECK (type >= 0),
    value double precision NOT NULL,
    ts timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    source_event_id text COLLATE "C",
    meta jsonb,
    PRIMARY KEY (namespace_id, ts, id)
) PARTITION BY RANGE (ts);
ALTER SEQUENCE catalog_event_id_seq OWNED BY catalog_event.id;
CREATE TABLE catalog_event_default PARTITION OF catalog_event DEFAULT;
CREATE INDEX event_user_history
    ON catalog_event (namespace_id, user_id, ts DESC) INCLUDE (item_id, type, value);
CREATE INDEX event_item_exposure ON catalog_event (namespace_id, item_id, ts DESC);
"""

EVENT_KEY_PARTITIONS = 8
EVENT_KEY_TABLE = """
CREATE TABLE catalog_eventkey (
    org_id uuid NOT NULL,
    namespace_id bigint NOT NULL,
    source_event_id text COLLATE "C" NOT NULL,
    seen_on date NOT NULL,
    PRIMARY KEY (org_id, namespace_id, source_event_id)
) PARTITION BY HASH (org_id, namespace_id, source_event_id);
CREATE INDEX eventkey_age ON catalog_eventkey USING brin (seen_on);
""" + "".join(
    f"""
CREATE TABLE catalog_eventkey_{remainder} PARTITION OF catalog_eventkey
    FOR VALUES WITH (MODULUS {EVENT_KEY_PARTITIONS}, REMAINDER {remainder});
"""
    for remainder in range(EVENT_KEY_PARTITIONS)
)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # No change where the extensions exist; elsewhere the owner must be allowed to.
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Namespace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(db_collation='C', max_length=200)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('clock', models.CharField(choices=[('wall', 'wall clock'), ('data', 'newest event'), ('auto', 'wall clock while events are fresh, else newest event')], default='auto', max_length=4)),
                ('is_production', models.BooleanField(default=False)),
                ('four_eyes', models.BooleanField(default=False)),
                ('embedding_model', models.CharField(default='hashed-ngrams-v1', max_length=100)),
                ('embedding_dimension', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('switches', models.JSONField(blank=True, default=dict)),
                ('change_number', models.BigIntegerField(default=0, editable=False)),
                ('newest_event_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Org',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'organisation',
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('item_id', models.TextField(db_collation='C')),
                ('listed', models.BooleanField(default=True, editable=False)),
                ('title', models.TextField(blank=True, null=True)),
                ('description', models.TextField(blank=True, null=True)),
                ('brand', models.TextField(blank=True, null=True)),
                ('category', models.TextField(blank=True, null=True)),
                ('category_path', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None)),
                ('price', models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ('available', models.BooleanField(default=True)),
                ('stock', models.IntegerField(blank=True, help_text='Empty when stock is not managed.', null=True)),
                ('image_url', models.TextField(blank=True, null=True)),
                ('props', models.JSONField(blank=True, default=dict)),
                ('metadata_version', models.TextField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='namespace',
            name='org',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='namespaces', to='catalog.org'),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('merchandiser', 'Merchandiser'), ('publisher', 'Publisher'), ('operator', 'Operator'), ('admin', 'Admin')], max_length=16)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('namespace', models.ForeignKey(blank=True, help_text='Leave empty for every namespace of the organisation.', null=True, on_delete=django.db.models.deletion.CASCADE, to='catalog.namespace')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='catalog.org')),
            ],
        ),
        migrations.CreateModel(
            name='ItemVector',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(choices=[('supplied', 'sent by the client'), ('computed', "computed from the item's text")], max_length=8)),
                ('model', models.CharField(max_length=100)),
                ('dimension', models.PositiveSmallIntegerField()),
                ('vector', pgvector.django.halfvec.HalfVectorField()),
                ('content_sha256', models.BinaryField(max_length=32, null=True)),
                ('updated_at', models.DateTimeField()),
                ('item', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='vectors', to='catalog.item')),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('route', models.CharField(max_length=100)),
                ('key', models.CharField(db_collation='C', max_length=128)),
                ('body_sha256', models.BinaryField(max_length=32)),
                ('status', models.PositiveSmallIntegerField()),
                ('answer', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.org')),
            ],
        ),
        migrations.CreateModel(
            name='EventType',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('type', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=64)),
                ('weight', models.FloatField()),
                ('half_life_days', models.FloatField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('items', 'items were sent, changed or deleted'), ('users', 'users were sent, changed or deleted'), ('events', 'events arrived'), ('deleted', 'events were deleted, or a whole kind of data was'), ('configuration', 'what serving obeys was published'), ('snapshot', 'a signal build went live or was rolled back')], max_length=16)),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('rows', models.BinaryField(null=True)),
                ('count', models.IntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(editable=False, max_length=12, unique=True)),
                ('secret_sha256', models.BinaryField(max_length=32)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('rank', 'Ask for rankings'), ('read', 'Read catalog, configuration and decisions'), ('ingest', 'Send items, users and events'), ('configure', 'Change profiles, segments and event types'), ('publisher', 'Publish rules and overrides'), ('reset', "Delete a namespace's data without confirmation"), ('auto_create_namespaces', 'Create namespaces by writing to them')], max_length=32), default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(editable=False, null=True)),
                ('namespaces', models.ManyToManyField(blank=True, help_text='Leave empty for every namespace of the org.', to='catalog.namespace')),
                ('org', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='catalog.org')),
            ],
            options={
                'verbose_name': 'API key',
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=catalog.models.runs.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=32)),
                ('queue', models.CharField(default='bulk', max_length=16)),
                ('parameters', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=9)),
                ('not_before', models.DateTimeField()),
                ('progress', models.FloatField(default=0.0)),
                ('doing', models.CharField(blank=True, max_length=200)),
                ('eta_seconds', models.FloatField(null=True)),
                ('lease_owner', models.CharField(blank=True, max_length=100)),
                ('lease_until', models.DateTimeField(null=True)),
                ('fencing_token', models.BigIntegerField(default=0)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('checkpoint', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True)),
                ('result', models.JSONField(default=dict)),
                ('result_url', models.CharField(blank=True, max_length=300)),
                ('requested_by', models.CharField(blank=True, max_length=150)),
                ('request_id', models.CharField(blank=True, max_length=128)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('user_id', models.TextField(db_collation='C')),
                ('listed', models.BooleanField(default=True, editable=False)),
                ('traits', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
            ],
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name='namespace',
            constraint=models.UniqueConstraint(fields=('org', 'name'), name='namespace_org_name'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'staff'), name='membership_org_namespace_staff', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='itemvector',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'item', 'source'), name='itemvector_org_namespace_item_source'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('listed', True)), fields=['namespace', 'created_at', 'id'], name='item_list_order'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='item_tags'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='item_title_words'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'item_id'), name='item_org_namespace_item_id'),
        ),
        migrations.AddIndex(
            model_name='idempotencyrecord',
            index=models.Index(fields=['created_at'], name='idempotency_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotencyrecord',
            constraint=models.UniqueConstraint(fields=('org', 'route', 'key'), name='idempotency_org_route_key'),
        ),
        migrations.AddConstraint(
            model_name='eventtype',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'type'), name='eventtype_org_namespace_type'),
        ),
        migrations.AddConstraint(
            model_name='eventtype',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='eventtype_weight_above_0'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'number'), name='change_org_namespace_number'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['state', 'not_before'], name='run_open'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['namespace', '-created_at'], name='run_list_order'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('listed', True)), fields=['namespace', 'created_at', 'id'], name='user_list_order'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(fields=('org', 'namespace', 'user_id'), name='user_org_namespace_user_id'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(EVENT_TABLE, "DROP TABLE catalog_event"),
                migrations.RunSQL(EVENT_KEY_TABLE, "DROP TABLE catalog_eventkey"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='EventKey',
                    fields=[
                        ('source_event_id', models.TextField(db_collation='C', primary_key=True, serialize=False)),
                        ('seen_on', models.DateField()),
                        ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                        ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
                    ],
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('unscoped', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('type', models.PositiveSmallIntegerField()),
                        ('value', models.FloatField(default=1.0)),
                        ('ts', models.DateTimeField()),
                        ('meta', models.JSONField(null=True)),
                        ('source_event_id', models.TextField(db_collation='C', null=True)),
                        ('received_at', models.DateTimeField()),
                        ('item', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.item')),
                        ('namespace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.namespace')),
                        ('org', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.org')),
                        ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.user')),
                    ],
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('unscoped', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.AddConstraint(
                    model_name='eventkey',
                    constraint=models.UniqueConstraint(fields=('org', 'namespace', 'source_event_id'), name='eventkey_org_namespace_source_event_id'),
                ),
                migrations.AddIndex(
                    model_name='event',
                    index=models.Index(fields=['namespace', 'user', '-ts'], include=('item', 'type', 'value'), name='event_user_history'),
                ),
                migrations.AddIndex(
                    model_name='event',
                    index=models.Index(fields=['namespace', 'item', '-ts'], name='event_item_exposure'),
                ),
            ],
        ),
    ]
