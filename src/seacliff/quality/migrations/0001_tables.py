import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models

# A decision that has become final is left for the sampling desk, whenever that happens: nothing is passed over.
LEAVE = """
CREATE FUNCTION quality_leave_unsampled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quality_unsampled (decision_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER leave_unsampled AFTER UPDATE OF settled ON review_decision
    FOR EACH ROW WHEN (NEW.settled AND NOT OLD.settled) EXECUTE FUNCTION quality_leave_unsampled();
"""
TAKE_BACK = "DROP TRIGGER leave_unsampled ON review_decision; DROP FUNCTION quality_leave_unsampled()"


class Migration(migrations.Migration):

    replaces = [
        ('quality', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('policy', '0001_tables'),
        ('review', '0001_tables'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE quality_check_number", "DROP SEQUENCE quality_check_number"),
        migrations.CreateModel(
            name='Unsampled',
            fields=[
                ('decision_id', models.UUIDField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Golden',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.TextField(choices=[('settled', 'A difference that was settled'), ('precedent', 'A precedent'), ('picked', 'Picked by hand'), ('calibration', 'A calibration session')])),
                ('category', models.TextField(help_text='The harm reported')),
                ('tier', models.PositiveSmallIntegerField()),
                ('language', models.CharField(default='', max_length=12)),
                ('copy', models.JSONField(help_text='The matter as it is shown (dossier.py), with invented names')),
                ('finding', models.TextField(choices=[('violation', 'Breaks the rule'), ('no-violation', 'Does not break the rule'), ('duplicate', 'Repeats another case')])),
                ('found', models.TextField(help_text='The right harm')),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ('why', models.TextField(help_text='Why this is right; told after an answer')),
                ('retired_at', models.DateTimeField(null=True)),
                ('retired_because', models.TextField(blank=True, default='')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(help_text='What it was copied from', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.case')),
                ('policy_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.policyversion')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('retired_at__isnull', True)), fields=['category'], name='golden_in_use')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('case',), name='golden_once_a_case')],
            },
        ),
        migrations.CreateModel(
            name='QualityPlan',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(unique=True)),
                ('change', models.TextField()),
                ('live_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('live_until', models.DateTimeField(null=True)),
                ('plan', models.JSONField()),
                ('created_by', models.UUIDField(null=True)),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('live_until__isnull', True)), fields=('live_until',), name='quality_plan_one', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.TextField()),
                ('state', models.TextField(choices=[('deciding', 'Everybody decides alone'), ('comparing', 'Compared and discussed'), ('closed', 'Closed')], default='deciding')),
                ('due_at', models.DateTimeField()),
                ('compared_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('members', models.ManyToManyField(related_name='calibrations', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SessionCase',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('place', models.PositiveSmallIntegerField()),
                ('finding', models.TextField(blank=True, choices=[('violation', 'Breaks the rule'), ('no-violation', 'Does not break the rule'), ('duplicate', 'Repeats another case')], default='', help_text='Agreed at the end')),
                ('found', models.TextField(blank=True, default='')),
                ('why', models.TextField(blank=True, default='')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.decision')),
                ('golden', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='quality.golden')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='quality.session')),
            ],
            options={
                'ordering': ['place'],
                'constraints': [models.UniqueConstraint(fields=('session', 'decision'), name='session_case_once')],
            },
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('quality_check_number'), function='nextval'), editable=False, unique=True)),
                ('kind', models.TextField(choices=[('sample', 'Sample'), ('golden', 'Golden'), ('calibration', 'Calibration')], default='sample')),
                ('state', models.TextField(choices=[('waiting', 'Waits for a second look'), ('agreed', 'Both found the same'), ('differs', 'The two differ'), ('settled', 'Settled'), ('answered', 'Answered'), ('withdrawn', 'Withdrawn')], default='waiting')),
                ('category', models.TextField(help_text='The harm reported')),
                ('tier', models.PositiveSmallIntegerField()),
                ('language', models.CharField(default='', max_length=12)),
                ('first_finding', models.TextField(blank=True, default='')),
                ('first_found', models.TextField(blank=True, default='')),
                ('first_actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ('plan_number', models.PositiveIntegerField(default=0)),
                ('chance', models.FloatField(help_text='How likely this decision was to be drawn: its weight is 1/chance', null=True)),
                ('week', models.DateField(help_text='The Monday of the week in which it was decided', null=True)),
                ('due_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text='They saw it and gave it back: never offered again')),
                ('finding', models.TextField(blank=True, default='')),
                ('found', models.TextField(blank=True, default='')),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ('rationale', models.TextField(blank=True, default='')),
                ('answered_at', models.DateTimeField(null=True)),
                ('agrees', models.BooleanField(help_text='With the first decision, or with what is known to be right', null=True)),
                ('right', models.TextField(blank=True, choices=[('first', 'The first decision was right'), ('second', 'The second look was right'), ('neither', 'Neither was right')], default='')),
                ('reason', models.TextField(blank=True, default='')),
                ('settled_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.case')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='review.decision')),
                ('first', models.ForeignKey(help_text='Who decided it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('for_user', models.ForeignKey(help_text="Nobody else's", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('new_decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_after', to='review.decision')),
                ('policy_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.policyversion')),
                ('queue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.queue')),
                ('second', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('golden', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='quality.golden')),
                ('of_session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='quality.sessioncase')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('kind', 'sample'), ('state', 'waiting')), fields=['due_at', 'id'], name='check_waiting'), models.Index(condition=models.Q(('for_user__isnull', False), ('state', 'waiting')), fields=['for_user'], name='check_for'), models.Index(condition=models.Q(('lease_until__isnull', False)), fields=['lease_until'], name='check_lease'), models.Index(condition=models.Q(('state', 'differs')), fields=['-id'], name='check_differs'), models.Index(condition=models.Q(('answered_at__isnull', False)), fields=['answered_at'], name='check_answered'), models.Index(condition=models.Q(('second__isnull', False)), fields=['second', '-id'], name='check_second'), models.Index(condition=models.Q(('kind', 'sample')), fields=['first', 'week'], name='check_first')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'sample')), fields=('decision',), name='check_once_a_decision'), models.UniqueConstraint(condition=models.Q(('kind', 'golden')), fields=('golden', 'for_user'), name='check_golden_once'), models.UniqueConstraint(condition=models.Q(('kind', 'calibration')), fields=('of_session', 'for_user'), name='check_session_once'), models.UniqueConstraint(condition=models.Q(('holder__isnull', False)), fields=('holder',), name='check_held_one'), models.CheckConstraint(condition=models.Q(('second__isnull', True), ('first__isnull', True), models.Q(('second', models.F('first')), _negated=True), _connector='OR'), name='check_by_somebody_else'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'sample'), _negated=True), models.Q(('chance__gt', 0), ('chance__lte', 1), ('decision__isnull', False)), _connector='OR'), name='check_sample_weighed'), models.CheckConstraint(condition=models.Q(models.Q(('holder__isnull', True), ('lease_until__isnull', True)), models.Q(('holder__isnull', False), ('lease_until__isnull', False), ('state', 'waiting')), _connector='OR'), name='check_lease_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['agreed', 'differs', 'settled', 'answered']), _negated=True), models.Q(('answered_at__isnull', False), ('second__isnull', False), models.Q(('finding', ''), _negated=True)), _connector='OR'), name='check_answered_how'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'settled'), _negated=True), models.Q(('right', ''), _negated=True), _connector='OR'), name='check_settled_how')],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('right', models.TextField(choices=[('first', 'The first decision was right'), ('second', 'The second look was right'), ('neither', 'Neither was right')])),
                ('reason', models.TextField()),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opinions', to='quality.check')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('of', 'user'), name='opinion_once')],
            },
        ),
        migrations.RunSQL(LEAVE, TAKE_BACK),
    ]
