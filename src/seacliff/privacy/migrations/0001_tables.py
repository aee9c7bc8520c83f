import django.db.models.deletion
import django.db.models.functions.datetime
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('privacy', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('intake', '0003_seldom_right'),
        ('people', '0001_tables'),
        ('review', '0001_tables'),
        ('targets', '0002_found'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE privacy_request_number", "DROP SEQUENCE privacy_request_number"),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('privacy_request_number'), function='nextval'), editable=False, unique=True)),
                ('kind', models.TextField(choices=[('erasure', 'Erase their data'), ('access', 'Show them their data')])),
                ('party', models.TextField(choices=[('reporter', 'Somebody who reported'), ('affected', 'Somebody who was reported')])),
                ('asked_as', models.TextField(help_text='Address or identifier that they gave')),
                ('contact', models.TextField(blank=True, default='', help_text='Where they are answered')),
                ('said', models.TextField(blank=True, default='', help_text='What they asked for, in their words')),
                ('state', models.TextField(choices=[('received', 'Who they are is to be checked'), ('identified', 'Identity checked'), ('checking', 'Two people check the export'), ('running', 'Being erased'), ('done', 'Done'), ('refused', 'Refused')], default='received')),
                ('received_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('identified_how', models.TextField(blank=True, default='')),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(blank=True, default='', help_text='What they were told')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('identified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('prepared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.reporter')),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.target')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['due_at', 'id'], name='request_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['done', 'refused']), _negated=True), ('closed_at__isnull', False), _connector='OR'), name='request_closed_when'), models.CheckConstraint(condition=models.Q(('state__in', ['received', 'refused']), models.Q(('identified_how', ''), _negated=True), _connector='OR'), name='request_identified_how')],
            },
        ),
        migrations.CreateModel(
            name='RetentionPlan',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(unique=True)),
                ('live_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('live_until', models.DateTimeField(null=True)),
                ('plan', models.JSONField()),
                ('change', models.TextField(help_text='What changed and why')),
                ('created_by', models.UUIDField(null=True)),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('live_until__isnull', True)), fields=('live_until',), name='retention_one', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('on', models.TextField(choices=[('case', 'A case'), ('target', 'A target alone'), ('tree', 'An account and everything below it'), ('reporter', 'A reporter'), ('words', 'Cases in which words are found')])),
                ('words', models.TextField(blank=True, default='')),
                ('matter', models.TextField(help_text="What it is for, such as a court's number")),
                ('reason', models.TextField()),
                ('placed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('review_on', models.DateField(help_text='When somebody asks whether it is still needed')),
                ('until', models.DateField(blank=True, help_text='When it ends by itself', null=True)),
                ('released_at', models.DateTimeField(null=True)),
                ('released_because', models.TextField(blank=True, default='')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='review.case')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.reporter')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='targets.target')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('released_at__isnull', True)), fields=['case'], name='hold_case'), models.Index(condition=models.Q(('released_at__isnull', True)), fields=['target'], name='hold_target')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('on', 'case')), models.Q(('on__in', ['target', 'tree']), ('target__isnull', False)), models.Q(('on', 'reporter'), ('reporter__isnull', False)), models.Q(('on', 'words'), models.Q(('words', ''), _negated=True)), _connector='OR'), name='hold_on_something'), models.CheckConstraint(condition=models.Q(('released_at__isnull', True), models.Q(('released_because', ''), _negated=True), _connector='OR'), name='hold_released_why')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('opened_by', models.JSONField(default=list, help_text='Ids of colleagues who have looked at it')),
                ('released_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('first_check', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second_check', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='privacy.request')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('second_check__isnull', True), models.Q(('second_check', models.F('first_check')), _negated=True), _connector='OR'), name='export_checked_by_two'), models.CheckConstraint(condition=models.Q(('released_at__isnull', True), models.Q(('expires_at__isnull', False), ('second_check__isnull', False)), _connector='OR'), name='export_released_when_checked')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(choices=[('waiting', 'The preview is being made'), ('ready', 'Shown; waits for approval'), ('asks', 'Stopped: needs a look'), ('running', 'Under way'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='waiting')),
                ('preview', models.JSONField(default=list, help_text='Per class: total, goes, oldest, sample, kept and why')),
                ('shown_at', models.DateTimeField(null=True)),
                ('starts_at', models.DateTimeField(help_text='When it begins by itself, where the plan says so', null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('question', models.TextField(blank=True, default='', help_text='Why it stopped')),
                ('done', models.JSONField(default=dict, help_text='Per class: rows gone so far')),
                ('spared', models.PositiveIntegerField(default=0, help_text='Rows that were kept after all')),
                ('finished_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='privacy.retentionplan')),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='privacy.request')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='run_to_do')],
                'constraints': [models.CheckConstraint(condition=models.Q(('plan__isnull', False), ('request__isnull', False), _connector='XOR'), name='run_for_one_thing'), models.UniqueConstraint(condition=models.Q(('plan__isnull', False), ('state__in', ['waiting', 'ready', 'asks', 'running'])), fields=('plan',), name='run_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Doomed',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('data_class', models.TextField()),
                ('row', models.TextField()),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='doomed', to='privacy.run')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'id'], name='doomed_of_run')],
            },
        ),
    ]
