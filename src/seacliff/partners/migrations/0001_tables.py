import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('partners', '0001_initial'),
        ('partners', '0002_news'),
        ('partners', '0003_boards'),
        ('partners', '0004_taken'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE partners_ask_number START 1001", "DROP SEQUENCE partners_ask_number"),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(help_text="Of the contact who is away; contacts needn't have an account", max_length=254)),
                ('since', models.DateField()),
                ('until', models.DateField(help_text='The last day')),
                ('deputy', models.EmailField(blank=True, default='', max_length=254)),
            ],
            options={
                'ordering': ['since'],
                'indexes': [models.Index(fields=['email', 'until'], name='absence_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='absence_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='CharterVersion',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('proposed', 'Proposed, waits for their yes'), ('agreed', 'Agreed'), ('declined', 'Declined'), ('retired', 'Retired')], default='draft')),
                ('content', models.JSONField()),
                ('change', models.TextField(blank=True, default='', help_text='What changes and why')),
                ('agreed_by', models.TextField(default='', help_text='Who said yes for the function')),
                ('agreed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(help_text='When the next version took its place', null=True)),
                ('review_on', models.DateField(help_text='When both sides look at it again', null=True)),
                ('review_reminded_on', models.DateField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('function', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charters', to='people.function')),
            ],
            options={
                'ordering': ['function', '-number'],
                'constraints': [models.UniqueConstraint(fields=('function', 'number'), name='charter_numbered'), models.UniqueConstraint(condition=models.Q(('state', 'agreed')), fields=('function',), name='charter_one_in_force'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'proposed'])), fields=('function',), name='charter_one_in_the_making'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'agreed'), _negated=True), models.Q(('agreed_at__isnull', False), ('review_on__isnull', False)), _connector='OR'), name='charter_agreed_whole')],
            },
        ),
        migrations.CreateModel(
            name='Ask',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('partners_ask_number'), function='nextval'), editable=False, unique=True)),
                ('kind', models.TextField(choices=[('review', 'Review'), ('approve', 'Approve'), ('advise', 'Advise'), ('build', 'Build'), ('publish', 'Publish'), ('inform', 'Inform')])),
                ('severity', models.PositiveSmallIntegerField(default=3)),
                ('question', models.TextField()),
                ('asker_name', models.TextField()),
                ('asker_email', models.TextField(blank=True, default='', help_text='Where news of the ask goes')),
                ('to_email', models.TextField(blank=True, default='', help_text='A named person of the function; empty: its contacts')),
                ('about_kind', models.TextField(blank=True, default='', help_text='The record it is about, if any')),
                ('about_id', models.UUIDField(null=True)),
                ('about_label', models.TextField(blank=True, default='')),
                ('shared', models.JSONField(default=list, help_text='What goes with it, frozen and redacted: [{"key", "label", "text"}]')),
                ('form', models.JSONField(default=list, help_text='Fields of the answer, as they were when it was asked')),
                ('key', models.TextField(help_text='What made it, so that the same is not asked twice', null=True, unique=True)),
                ('state', models.TextField(choices=[('asked', 'Asked'), ('acknowledged', 'Acknowledged'), ('clarifying', 'Waits for the asker'), ('paused', 'Paused'), ('answered', 'Answered'), ('withdrawn', 'Withdrawn')], default='asked')),
                ('due_at', models.DateTimeField()),
                ('round', models.PositiveSmallIntegerField(default=1, help_text='Grows when the due time is set anew')),
                ('taken', models.DurationField(help_text="Time it has waited for an answer, in its charter's hours", null=True)),
                ('counting_since', models.DateTimeField(help_text='Since when `taken` is to be added to', null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('acknowledged_by', models.TextField(default='')),
                ('answer', models.TextField(blank=True, choices=[('yes', 'Yes'), ('partly', 'Partly'), ('no', 'No')], default='')),
                ('reason', models.TextField(blank=True, default='')),
                ('form_answers', models.JSONField(default=dict)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.TextField(default='')),
                ('answered_via', models.TextField(default='', help_text='console, link, email, slack, ...')),
                ('closed_at', models.DateTimeField(help_text='Answered or withdrawn', null=True)),
                ('outcome', models.TextField(blank=True, choices=[('helped', 'It changed the outcome'), ('partly', 'It helped in part'), ('nothing', 'Nothing came of it'), ('open', 'Too early to say')], default='')),
                ('outcome_text', models.TextField(blank=True, default='')),
                ('outcome_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_function', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asks_made', to='people.function')),
                ('to_function', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asks_received', to='people.function')),
                ('charter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asks', to='partners.charterversion')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['to_function', 'due_at', 'id'], name='ask_inbox'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['from_function', 'due_at', 'id'], name='ask_outbox'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['due_at', 'id'], name='ask_open'), models.Index(fields=['to_function', '-id'], name='ask_received'), models.Index(fields=['from_function', '-id'], name='ask_made'), models.Index(condition=models.Q(('about_id__isnull', False)), fields=['about_id', '-id'], name='ask_about'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='ask_closed'), models.Index(condition=models.Q(('outcome', ''), _negated=True), fields=['outcome_at', 'id'], name='ask_outcome_told'), models.Index(condition=models.Q(('outcome', ''), ('state', 'answered')), fields=['answered_at'], name='ask_outcome_wanted'), models.Index(condition=models.Q(('outcome', ''), ('state', 'answered')), fields=['from_function', '-answered_at', '-id'], name='ask_outcome_board'), models.Index(condition=models.Q(('closed_at__isnull', True), models.Q(('to_email', ''), _negated=True)), fields=['to_email', 'due_at', 'id'], name='ask_to_person'), models.Index(condition=models.Q(('state', 'clarifying')), fields=['from_function', 'id'], name='ask_clarifying')],
                'constraints': [models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='ask_severity_known'), models.CheckConstraint(condition=models.Q(('from_function', models.F('to_function')), _negated=True), name='ask_of_another_function'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), models.Q(('answered_at__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='ask_answered_whole'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['answered', 'withdrawn'])), models.Q(models.Q(('state__in', ['answered', 'withdrawn']), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='ask_closed_when'), models.CheckConstraint(condition=models.Q(models.Q(('answer__in', ['partly', 'no']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='ask_refusal_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='AskHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('state', models.TextField(choices=[('asked', 'Asked'), ('acknowledged', 'Acknowledged'), ('clarifying', 'Waits for the asker'), ('paused', 'Paused'), ('answered', 'Answered'), ('withdrawn', 'Withdrawn')], default='asked')),
                ('due_at', models.DateTimeField()),
                ('to_email', models.TextField(blank=True, default='', help_text='A named person of the function; empty: its contacts')),
                ('severity', models.PositiveSmallIntegerField(default=3)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='state_due_at_to_function_to_email_severity_events', to='partners.ask')),
                ('to_function', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.function')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AskMessage',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('side', models.TextField(choices=[('asker', 'Asker'), ('asked', 'Asked')])),
                ('author_name', models.TextField()),
                ('body', models.TextField()),
                ('via', models.TextField(default='console')),
                ('external_id', models.TextField(help_text='<channel>:<its id>: the same is kept once', null=True, unique=True)),
                ('ask', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='partners.ask')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['ask', 'id'], name='ask_thread')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField()),
                ('step', models.TextField(help_text='soon, due, late-<n>, escalate-<n>')),
                ('at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('ask', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='partners.ask')),
            ],
            options={
                'ordering': ['at', 'id'],
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['at', 'id'], name='reminder_due')],
                'constraints': [models.UniqueConstraint(fields=('ask', 'round', 'step'), name='reminder_once')],
            },
        ),
        migrations.CreateModel(
            name='AskLink',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('name', models.TextField(blank=True, default='')),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('ask', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='partners.ask')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ask', 'email'), name='ask_link_once')],
            },
        ),
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.TextField(help_text='What it is: the same is carried once', unique=True)),
                ('channel', models.TextField()),
                ('address', models.TextField(help_text="Of the channel's own kind: a mail address, a chat channel, a repository")),
                ('recipient_name', models.TextField(blank=True, default='')),
                ('purpose', models.TextField(choices=[('asked', 'Asked'), ('reminder', 'Reminder'), ('escalated', 'Escalated'), ('message', 'Message'), ('acknowledged', 'Acknowledged'), ('answered', 'Answered'), ('withdrawn', 'Withdrawn'), ('changed', 'Due time, owner or severity changed'), ('outcome-wanted', 'Outcome Wanted'), ('outcome', 'Outcome'), ('digest', 'Digest'), ('unreached', 'News of it came to nobody'), ('understood', 'How a reply from outside was understood')])),
                ('data', models.JSONField(default=dict)),
                ('state', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('failed', 'Failed'), ('obsolete', 'Overtaken before it was sent')], default='pending')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('give_up_at', models.DateTimeField()),
                ('last_error', models.TextField(blank=True, default='')),
                ('sent_at', models.DateTimeField(null=True)),
                ('external_id', models.TextField(blank=True, default='', help_text='What the outside system calls it')),
                ('ask', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='dispatches', to='partners.ask')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.askmessage')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['channel', 'next_at', 'id'], name='dispatch_due'), models.Index(fields=['ask', 'id'], name='dispatch_of_ask'), models.Index(condition=models.Q(('state', 'failed')), fields=['-id'], name='dispatch_failed'), models.Index(condition=models.Q(('external_id', ''), _negated=True), fields=['channel', 'external_id'], name='dispatch_outside')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ask',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "partners_askhistory" ("due_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "severity", "state", "to_email", "to_function_id") VALUES (NEW."due_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."severity", NEW."state", NEW."to_email", NEW."to_function_id"); RETURN NULL;', hash='de242ff71ee05ae6b08673a017f500015a0c05b5', operation='INSERT', pgid='pgtrigger_insert_insert_9be68', table='partners_ask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ask',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."severity" IS DISTINCT FROM (NEW."severity") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."to_email" IS DISTINCT FROM (NEW."to_email") OR OLD."to_function_id" IS DISTINCT FROM (NEW."to_function_id"))', func='INSERT INTO "partners_askhistory" ("due_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "severity", "state", "to_email", "to_function_id") VALUES (NEW."due_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."severity", NEW."state", NEW."to_email", NEW."to_function_id"); RETURN NULL;', hash='6e275436edda2553adca9b02a5027e1d26374a51', operation='UPDATE', pgid='pgtrigger_update_update_9d3a1', table='partners_ask', when='AFTER')),
        ),
    ]
