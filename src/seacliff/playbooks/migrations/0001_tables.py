import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('playbooks', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('partners', '0001_tables'),
        ('people', '0001_tables'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE playbooks_run_number START 1001", "DROP SEQUENCE playbooks_run_number"),
        migrations.CreateModel(
            name='Heard',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('tx', models.BigIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Playbook',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(unique=True)),
                ('name', models.TextField(help_text='As its newest version calls it')),
                ('retired_at', models.DateTimeField(null=True)),
                ('next_start_at', models.DateTimeField(help_text='When it is to be run next, by its calendar', null=True)),
            ],
            options={
                'ordering': ['name'],
                'indexes': [models.Index(condition=models.Q(('next_start_at__isnull', False)), fields=['next_start_at'], name='playbook_due')],
            },
        ),
        migrations.CreateModel(
            name='PlaybookVersion',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft')),
                ('source', models.TextField(help_text='YAML, as it was written')),
                ('content', models.JSONField(help_text="What the source says; null while it can't be read", null=True)),
                ('change', models.TextField(blank=True, default='', help_text='What changes and why')),
                ('effective_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('playbook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='playbooks.playbook')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['playbook', '-number'],
                'constraints': [models.UniqueConstraint(fields=('playbook', 'number'), name='playbook_version_once'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('playbook',), name='playbook_one_draft'), models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('content__isnull', False), ('effective_at__isnull', False), ('published_at__isnull', False)), _connector='OR'), name='playbook_published_whole')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('playbooks_run_number'), function='nextval'), editable=False, unique=True)),
                ('title', models.TextField()),
                ('state', models.TextField(choices=[('running', 'Running'), ('finished', 'Finished'), ('ended', 'Ended early'), ('cancelled', 'Cancelled')], default='running')),
                ('severity', models.PositiveSmallIntegerField()),
                ('inputs', models.JSONField(default=dict)),
                ('about_kind', models.TextField(blank=True, default='')),
                ('about_id', models.UUIDField(null=True)),
                ('about_label', models.TextField(blank=True, default='')),
                ('started_by', models.TextField()),
                ('via', models.TextField(choices=[('hand', 'By hand'), ('routing', 'By a routing rule'), ('event', 'By an event'), ('date', 'By its calendar')], default='hand')),
                ('key', models.TextField(help_text="What started it, so that the same doesn't start it twice", null=True, unique=True)),
                ('started_at', models.DateTimeField()),
                ('attend_at', models.DateTimeField(null=True)),
                ('trouble', models.TextField(blank=True, default='', help_text="Why the desk can't go on with it")),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(blank=True, default='')),
                ('lead', models.ForeignKey(help_text='For whom it asks, and who hears of the answers', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('playbook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='playbooks.playbook')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='playbooks.playbookversion')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('attend_at__isnull', False)), fields=['attend_at', 'id'], name='run_attend'), models.Index(fields=['state', '-id'], name='run_state'), models.Index(fields=['playbook', '-id'], name='run_playbook'), models.Index(fields=['playbook', 'state', '-id'], name='run_playbook_state'), models.Index(fields=['version'], name='run_version'), models.Index(condition=models.Q(('about_id__isnull', False)), fields=['about_id', '-id'], name='run_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='run_severity_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='run_ended_when')],
            },
        ),
        migrations.CreateModel(
            name='RunStep',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.TextField()),
                ('position', models.PositiveSmallIntegerField()),
                ('state', models.TextField(choices=[('waiting', 'Waits for others'), ('scheduled', 'Begins later'), ('open', 'Open'), ('done', 'Done'), ('skipped', 'Skipped'), ('dropped', 'Dropped at the end')], default='waiting')),
                ('added', models.JSONField(help_text='Its words, when it was added or given to somebody else in this run', null=True)),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('opens_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.TextField(blank=True, default='')),
                ('answer', models.TextField(blank=True, default='')),
                ('reason', models.TextField(blank=True, default='')),
                ('values', models.JSONField(default=dict)),
                ('written', models.TextField(blank=True, default='', help_text='Its text as it was when it began')),
                ('ask', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='run_steps', to='partners.ask')),
                ('assigned_to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('function', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.function')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='playbooks.run')),
            ],
            options={
                'ordering': ['run', 'position'],
                'indexes': [models.Index(condition=models.Q(('ask__isnull', False), ('state', 'open')), fields=['ask'], name='run_step_asked'), models.Index(condition=models.Q(('due_at__isnull', False), ('state', 'open')), fields=['due_at', 'id'], name='run_step_due'), models.Index(condition=models.Q(('state', 'open')), fields=['function', 'due_at', 'id'], name='run_step_of')],
                'constraints': [models.UniqueConstraint(fields=('run', 'key'), name='run_step_once'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('state__in', ['waiting', 'scheduled', 'open'])), models.Q(('done_at__isnull', False), ('state__in', ['done', 'skipped', 'dropped'])), _connector='OR'), name='run_step_done_when')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='playbookversion',
            trigger=pgtrigger.compiler.Trigger(name='published_playbook_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'draft')", func="\nIF TG_OP = 'DELETE' OR ROW(NEW.playbook_id, NEW.number, NEW.state, NEW.source, NEW.content, NEW.effective_at)\n        IS DISTINCT FROM ROW(OLD.playbook_id, OLD.number, OLD.state, OLD.source, OLD.content, OLD.effective_at) THEN\n    RAISE EXCEPTION 'Version % of this playbook is published: runs go by its words. Publish a new version instead.',\n        OLD.number USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NEW;\n", hash='efe7cbda9550d611187cda433970564fcc770fdd', operation='UPDATE OR DELETE', pgid='pgtrigger_published_playbook_stays_94157', table='playbooks_playbookversion', when='BEFORE')),
        ),
    ]
