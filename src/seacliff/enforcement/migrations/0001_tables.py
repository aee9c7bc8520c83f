import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.enforcement.models
import seacliff.record.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('enforcement', '0001_initial'),
        ('enforcement', '0002_appeals'),
        ('enforcement', '0003_corrected'),
    ]

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('policy', '0001_tables'),
        ('targets', '0002_found'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('url', models.URLField(max_length=2000)),
                ('secret', models.TextField(default=seacliff.enforcement.models.new_secret)),
                ('previous_secret', models.TextField(blank=True, default='')),
                ('hears', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Event types: "action.*", "case.decided", "*"')),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='FanOut',
            fields=[
                ('name', models.TextField(primary_key=True, serialize=False)),
                ('tx', models.BigIntegerField(default=0)),
                ('seq', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField(null=True)),
                ('decision_id', models.UUIDField(null=True)),
                ('report_id', models.UUIDField(help_text="Set for the reporter's notice", null=True)),
                ('audience', models.TextField(choices=[('reporter', 'Reporter'), ('affected', 'Affected')])),
                ('outcome', models.TextField(choices=[('received', 'Received'), ('violation', 'Violation'), ('no-violation', 'No Violation'), ('appeal-received', 'Appeal Received'), ('appeal-upheld', 'Appeal Upheld'), ('appeal-overturned', 'Appeal Overturned'), ('appeal-changed', 'Appeal Changed'), ('corrected', 'Corrected')])),
                ('language', models.CharField(max_length=12)),
                ('address', models.TextField(default='')),
                ('subject', models.TextField()),
                ('body', models.TextField()),
                ('state', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('no-address', 'Shown on the status page only')], default='pending')),
                ('not_before', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(default='')),
                ('sent_at', models.DateTimeField(null=True)),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='targets.target')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_at', 'id'], name='notice_due'), models.Index(condition=models.Q(('report_id__isnull', False)), fields=['report_id'], name='notice_report'), models.Index(fields=['case_id'], name='notice_case'), models.Index(fields=['state', '-id'], name='notice_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decision_id__isnull', False)), fields=('decision_id', 'audience', 'report_id', 'target'), name='notice_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField()),
                ('decision_id', models.UUIDField()),
                ('kind', models.TextField(choices=[('dismiss', 'Dismiss'), ('warn', 'Warn'), ('strike', 'Strike'), ('remove-content', 'Remove content'), ('end-event', 'End or suspend the event'), ('suspend-host', 'Suspend the host'), ('block-user', 'Block the user'), ('suspend-account', 'Suspend the account'), ('restrict-feature', 'Restrict a feature'), ('geoblock', 'Geoblock'), ('refer', 'Refer')])),
                ('parameters', models.JSONField(default=dict, help_text='such as {"days": 30} or {"feature": "chat"}')),
                ('state', models.TextField(choices=[('pending', 'Waiting for the undo window'), ('sending', 'Being delivered'), ('done', 'Delivered'), ('failed', 'Given up; can be replayed'), ('cancelled', 'Cancelled'), ('unheard', 'No endpoint listens')], default='pending')),
                ('not_before', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('policy_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='policy.policyversion')),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='enforcement.action')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='targets.target')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['not_before', 'id'], name='action_pending'), models.Index(fields=['state', '-id'], name='action_state'), models.Index(fields=['case_id'], name='action_case'), models.Index(fields=['target', '-id'], name='action_target')],
            },
        ),
        migrations.CreateModel(
            name='EndpointHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('name', models.TextField()),
                ('url', models.URLField(max_length=2000)),
                ('hears', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Event types: "action.*", "case.decided", "*"')),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enforcement.endpoint')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Strike',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('weight', models.PositiveSmallIntegerField(default=1)),
                ('given_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('action', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='strike', to='enforcement.action')),
                ('policy_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='policy.policyversion')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='strike_rows', to='targets.target')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('taken_back_at__isnull', True)), fields=['target', 'expires_at'], name='strike_live')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.UUIDField(help_text='webhook-id: the same for every try and every replay')),
                ('type', models.TextField()),
                ('payload', models.JSONField()),
                ('state', models.TextField(choices=[('pending', 'Pending'), ('delivered', 'Delivered'), ('dead', 'Given up')], default='pending')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('give_up_at', models.DateTimeField()),
                ('last_status', models.PositiveSmallIntegerField(null=True)),
                ('last_error', models.TextField(default='')),
                ('delivered_at', models.DateTimeField(null=True)),
                ('action', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='enforcement.action')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='enforcement.endpoint')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_at', 'id'], name='delivery_due'), models.Index(fields=['state', '-id'], name='delivery_state'), models.Index(fields=['endpoint', '-id'], name='delivery_endpoint')],
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'key'), name='delivery_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='endpoint',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "enforcement_endpointhistory" ("created_at", "hears", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "url") VALUES (NEW."created_at", NEW."hears", NEW."id", NEW."is_active", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."url"); RETURN NULL;', hash='019b683100936c6ccbfcff7f5d2e8cf5bca64338', operation='INSERT', pgid='pgtrigger_insert_insert_1d08b', table='enforcement_endpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='endpoint',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."hears" IS DISTINCT FROM (NEW."hears") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."url" IS DISTINCT FROM (NEW."url"))', func='INSERT INTO "enforcement_endpointhistory" ("created_at", "hears", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "url") VALUES (NEW."created_at", NEW."hears", NEW."id", NEW."is_active", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."url"); RETURN NULL;', hash='56444dad72af82fd3dbe249d06c8c5922564aeed', operation='UPDATE', pgid='pgtrigger_update_update_698df', table='enforcement_endpoint', when='AFTER')),
        ),
    ]
