# Started by Django

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKeyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(editable=False, max_length=12)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('rank', 'Ask for rankings'), ('read', 'Read catalog, configuration and decisions'), ('ingest', 'Send items, users and events'), ('configure', 'Change profiles, segments and event types'), ('publisher', 'Publish rules and overrides'), ('reset', "Delete a namespace's data without confirmation"), ('auto_create_namespaces', 'Create namespaces by writing to them')], max_length=32), default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EventTypeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('type', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=64)),
                ('weight', models.FloatField()),
                ('half_life_days', models.FloatField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MembershipEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('merchandiser', 'Merchandiser'), ('publisher', 'Publisher'), ('operator', 'Operator'), ('admin', 'Admin')], max_length=16)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='NamespaceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
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
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_apikeyevent" ("created_at", "expires_at", "id", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes") VALUES (NEW."created_at", NEW."expires_at", NEW."id", NEW."name", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prefix", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='5010459e1afb799ad02db3e173b71a16e8bac191', operation='INSERT', pgid='pgtrigger_insert_insert_34367', table='catalog_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."org_id" IS DISTINCT FROM (NEW."org_id") OR OLD."prefix" IS DISTINCT FROM (NEW."prefix") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))', func='INSERT INTO "catalog_apikeyevent" ("created_at", "expires_at", "id", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes") VALUES (NEW."created_at", NEW."expires_at", NEW."id", NEW."name", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prefix", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='fc47058a560b6d766b29955f9ae45e3a07c06469', operation='UPDATE', pgid='pgtrigger_update_update_9472f', table='catalog_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikey',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_apikeyevent" ("created_at", "expires_at", "id", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes") VALUES (OLD."created_at", OLD."expires_at", OLD."id", OLD."name", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."prefix", OLD."revoked_at", OLD."scopes"); RETURN NULL;', hash='129a2c5bce025c86415bf1978039a2835e25c191', operation='DELETE', pgid='pgtrigger_delete_delete_610f4', table='catalog_apikey', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eventtype',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_eventtypeevent" ("half_life_days", "id", "is_active", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "type", "updated_at", "weight") VALUES (NEW."half_life_days", NEW."id", NEW."is_active", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."type", NEW."updated_at", NEW."weight"); RETURN NULL;', hash='e4a185e476df26e83f3cc48bb39cc9b7a47ce1db', operation='INSERT', pgid='pgtrigger_insert_insert_121b1', table='catalog_eventtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eventtype',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "catalog_eventtypeevent" ("half_life_days", "id", "is_active", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "type", "updated_at", "weight") VALUES (NEW."half_life_days", NEW."id", NEW."is_active", NEW."name", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."type", NEW."updated_at", NEW."weight"); RETURN NULL;', hash='39ccd1dd9fb1ca9e3f98e91406b24f571f7f5726', operation='UPDATE', pgid='pgtrigger_update_update_a5434', table='catalog_eventtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eventtype',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_eventtypeevent" ("half_life_days", "id", "is_active", "name", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "type", "updated_at", "weight") VALUES (OLD."half_life_days", OLD."id", OLD."is_active", OLD."name", OLD."namespace_id", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."type", OLD."updated_at", OLD."weight"); RETURN NULL;', hash='9389a0fbb34a88239be10d83799aa342b0f89c0e', operation='DELETE', pgid='pgtrigger_delete_delete_1c5ad', table='catalog_eventtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_membershipevent" ("id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "staff_id") VALUES (NEW."id", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."staff_id"); RETURN NULL;', hash='22aa329f73d606d56e883c9923d9e613e4b1e180', operation='INSERT', pgid='pgtrigger_insert_insert_7e5fb', table='catalog_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "catalog_membershipevent" ("id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "staff_id") VALUES (NEW."id", NEW."namespace_id", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."staff_id"); RETURN NULL;', hash='53bd1d90760a388f4c80d8f1fd0c4db8cbca6c97', operation='UPDATE', pgid='pgtrigger_update_update_7627c', table='catalog_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_membershipevent" ("id", "namespace_id", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "staff_id") VALUES (OLD."id", OLD."namespace_id", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."staff_id"); RETURN NULL;', hash='3bd99aab01e9fc95fdce19c6e0357e9df84dd967', operation='DELETE', pgid='pgtrigger_delete_delete_35b6d', table='catalog_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namespace',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_namespaceevent" ("clock", "created_at", "currency", "embedding_dimension", "embedding_model", "four_eyes", "id", "is_production", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "switches", "time_zone", "title") VALUES (NEW."clock", NEW."created_at", NEW."currency", NEW."embedding_dimension", NEW."embedding_model", NEW."four_eyes", NEW."id", NEW."is_production", NEW."name", NEW."org_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."switches", NEW."time_zone", NEW."title"); RETURN NULL;', hash='1418a287b152054f45e39b3e25577baec85b5b1d', operation='INSERT', pgid='pgtrigger_insert_insert_af45f', table='catalog_namespace', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namespace',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."clock" IS DISTINCT FROM (NEW."clock") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."embedding_dimension" IS DISTINCT FROM (NEW."embedding_dimension") OR OLD."embedding_model" IS DISTINCT FROM (NEW."embedding_model") OR OLD."four_eyes" IS DISTINCT FROM (NEW."four_eyes") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_production" IS DISTINCT FROM (NEW."is_production") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."org_id" IS DISTINCT FROM (NEW."org_id") OR OLD."switches" IS DISTINCT FROM (NEW."switches") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone") OR OLD."title" IS DISTINCT FROM (NEW."title"))', func='INSERT INTO "catalog_namespaceevent" ("clock", "created_at", "currency", "embedding_dimension", "embedding_model", "four_eyes", "id", "is_production", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "switches", "time_zone", "title") VALUES (NEW."clock", NEW."created_at", NEW."currency", NEW."embedding_dimension", NEW."embedding_model", NEW."four_eyes", NEW."id", NEW."is_production", NEW."name", NEW."org_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."switches", NEW."time_zone", NEW."title"); RETURN NULL;', hash='fe067cffd80e297a66ff14dace91f4c9cb308c7a', operation='UPDATE', pgid='pgtrigger_update_update_73b3b', table='catalog_namespace', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namespace',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_namespaceevent" ("clock", "created_at", "currency", "embedding_dimension", "embedding_model", "four_eyes", "id", "is_production", "name", "org_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "switches", "time_zone", "title") VALUES (OLD."clock", OLD."created_at", OLD."currency", OLD."embedding_dimension", OLD."embedding_model", OLD."four_eyes", OLD."id", OLD."is_production", OLD."name", OLD."org_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."switches", OLD."time_zone", OLD."title"); RETURN NULL;', hash='522382eed37db85cfe1d2d5cea671ca8743e51b4', operation='DELETE', pgid='pgtrigger_delete_delete_7440a', table='catalog_namespace', when='AFTER')),
        ),
        migrations.AddField(
            model_name='apikeyevent',
            name='org',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.org'),
        ),
        migrations.AddField(
            model_name='apikeyevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='apikeyevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.apikey'),
        ),
        migrations.AddField(
            model_name='eventtypeevent',
            name='namespace',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.namespace'),
        ),
        migrations.AddField(
            model_name='eventtypeevent',
            name='org',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.org'),
        ),
        migrations.AddField(
            model_name='eventtypeevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='eventtypeevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.eventtype'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='namespace',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Leave empty for every namespace of the organisation.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.namespace'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='org',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.org'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.membership'),
        ),
        migrations.AddField(
            model_name='membershipevent',
            name='staff',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='namespaceevent',
            name='org',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.org'),
        ),
        migrations.AddField(
            model_name='namespaceevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='namespaceevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.namespace'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apikeyevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c888e8b2cd9afbae9a0ef2e2487676777f4aa836', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_976ff', table='catalog_apikeyevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eventtypeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f69c1f3e53b17ba71501b3fb562075a6d8275774', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cd092', table='catalog_eventtypeevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membershipevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='05e97d0f1616f8fa9f3b9a97e8a9a74bc825f226', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_00bb1', table='catalog_membershipevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namespaceevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='505712e4ed0553d92b96a92652ef369822622c24', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0f1cc', table='catalog_namespaceevent', when='BEFORE')),
        ),
    ]
