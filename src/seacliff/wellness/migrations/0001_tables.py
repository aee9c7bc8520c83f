import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('wellness', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='wellness', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('opted_out', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Harms not offered to them')),
                ('blurred', models.BooleanField(default=True)),
                ('greyscale', models.BooleanField(default=True)),
                ('muted', models.BooleanField(default=True)),
                ('break_minutes', models.PositiveSmallIntegerField(default=50, help_text='Minutes at work before a break is proposed')),
            ],
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('category', models.TextField(blank=True, default='', help_text="A harm's slug; empty for all harms together")),
                ('most', models.PositiveSmallIntegerField(help_text='Cases a day')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['category', 'user'],
                'constraints': [models.UniqueConstraint(fields=('user', 'category'), name='budget_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('most__gte', 1)), name='budget_not_zero')],
            },
        ),
        migrations.CreateModel(
            name='Exposure',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'day', 'category', blank=True, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField()),
                ('day', models.DateField()),
                ('category', models.TextField()),
                ('cases', models.PositiveIntegerField(default=0)),
                ('severe', models.PositiveIntegerField(default=0, help_text='Of them, severity 1 or 2')),
            ],
            options={
                'indexes': [models.Index(fields=['day', 'category'], name='exposure_day')],
            },
        ),
        migrations.CreateModel(
            name='BudgetHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('category', models.TextField(blank=True, default='', help_text="A harm's slug; empty for all harms together")),
                ('most', models.PositiveSmallIntegerField(help_text='Cases a day')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='wellness.budget')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budget',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "wellness_budgethistory" ("category", "id", "most", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."category", NEW."id", NEW."most", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."user_id"); RETURN NULL;', hash='0714c3bb5e75a14598ab86f720d433d94d162848', operation='INSERT', pgid='pgtrigger_insert_insert_e21fe', table='wellness_budget', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budget',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "wellness_budgethistory" ("category", "id", "most", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."category", NEW."id", NEW."most", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."user_id"); RETURN NULL;', hash='7ff9d899e779bcb089268f9a40a97658dd019ba5', operation='UPDATE', pgid='pgtrigger_update_update_3d043', table='wellness_budget', when='AFTER')),
        ),
    ]
