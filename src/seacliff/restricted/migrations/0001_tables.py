import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('restricted', '0001_initial'),
        ('restricted', '0002_alerts'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('record', '0004_seals'),
        ('review', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('country', models.CharField(blank=True, help_text='ISO 3166; empty for anywhere', max_length=2)),
                ('name', models.TextField()),
                ('how', models.TextField(help_text='Number, portal, hours')),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['country', 'position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('incident', models.TextField(choices=[('Child Pornography (possession, manufacture, and distribution)', 'Material'), ('Child Sex Trafficking', 'Trafficking'), ('Child Sex Tourism', 'Tourism'), ('Child Sexual Molestation', 'Molestation'), ('Online Enticement of Children for Sexual Acts', 'Enticement'), ('Unsolicited Obscene Material Sent to a Child', 'Unsolicited')], default='Child Pornography (possession, manufacture, and distribution)')),
                ('incident_at', models.DateTimeField()),
                ('urgent', models.TextField(blank=True, default='', help_text="Why it can't wait; empty when it can")),
                ('said', models.TextField(blank=True, default='', help_text='What the hotline should know, in words')),
                ('files', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text='Attachments that go with it')),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('approved', 'Approved, on its way'), ('submitted', 'Taken by the hotline'), ('failed', 'Given up; needs a person')], default='draft')),
                ('live', models.BooleanField(default=False, help_text='Sent to the real hotline, not to its test system')),
                ('approved_at', models.DateTimeField(null=True)),
                ('report_id', models.BigIntegerField(help_text="The hotline's number", null=True)),
                ('uploaded', models.JSONField(default=dict, help_text="Attachment to the hotline's file id: what needn't be sent again")),
                ('described', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text='Files whose details the hotline has')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('last_error', models.TextField(default='')),
                ('submitted_at', models.DateTimeField(null=True)),
                ('preserve_until', models.DateField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='review.case')),
                ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'approved')), fields=['next_at', 'id'], name='referral_due'), models.Index(fields=['case'], name='referral_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='referral_by_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'submitted'), _negated=True), models.Q(('preserve_until__isnull', False), ('report_id__isnull', False)), _connector='OR'), name='referral_submitted_whole')],
            },
        ),
        migrations.CreateModel(
            name='Unlock',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('agreed', models.BooleanField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='record.attachment')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('agreed__isnull', True)), fields=['-id'], name='unlock_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('answered_by__isnull', True), models.Q(('answered_by', models.F('asked_by')), _negated=True), _connector='OR'), name='unlock_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Emergency',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('threat', models.TextField(help_text='Who is in danger, from what, when, where')),
                ('country', models.CharField(blank=True, max_length=2)),
                ('due_at', models.DateTimeField()),
                ('alerted_at', models.DateTimeField(help_text='When leads and handlers were mailed', null=True)),
                ('reminded_at', models.DateTimeField(help_text='When they were mailed again, half of the time being gone', null=True)),
                ('told', models.TextField(blank=True, default='', help_text='Who was told what, when, with their reference')),
                ('closed_at', models.DateTimeField(null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='emergency', to='review.case')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['due_at'], name='emergency_open')],
            },
        ),
        migrations.CreateModel(
            name='ReferralHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('approved', 'Approved, on its way'), ('submitted', 'Taken by the hotline'), ('failed', 'Given up; needs a person')], default='draft')),
                ('report_id', models.BigIntegerField(help_text="The hotline's number", null=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='state_report_id_events', to='restricted.referral')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='referral',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "restricted_referralhistory" ("pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report_id", "state") VALUES (_pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."report_id", NEW."state"); RETURN NULL;', hash='c34fcee7e813e6ce195b98adc9319eebfa1dc4c1', operation='INSERT', pgid='pgtrigger_insert_insert_fd092', table='restricted_referral', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='referral',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."report_id" IS DISTINCT FROM (NEW."report_id") OR OLD."state" IS DISTINCT FROM (NEW."state"))', func='INSERT INTO "restricted_referralhistory" ("pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report_id", "state") VALUES (_pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."report_id", NEW."state"); RETURN NULL;', hash='a9720d34793cd7151ec3cddda024c5ee27fecae9', operation='UPDATE', pgid='pgtrigger_update_update_2ea8a', table='restricted_referral', when='AFTER')),
        ),
    ]
