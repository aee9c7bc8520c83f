import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models

# Each statement that changes the queue leaves the difference it made, one row per queue, severity and state that really
# changed: renewing a lease leaves none. queries.py adds them up, a job folds them.
TALLY = """
CREATE FUNCTION review_work_state(w review_work) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN w.held_until IS NOT NULL THEN 'held' WHEN w.holder_id IS NOT NULL THEN 'claimed' ELSE 'free' END $$;
CREATE FUNCTION review_tally_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO review_tally (queue_id, severity, state, delta)
            SELECT queue_id, severity, review_work_state(n), count(*) FROM new_rows n GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO review_tally (queue_id, severity, state, delta)
            SELECT queue_id, severity, review_work_state(o), -count(*) FROM old_rows o GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO review_tally (queue_id, severity, state, delta)
            SELECT queue_id, severity, state, sum(delta) FROM (
                SELECT queue_id, severity, review_work_state(o) AS state, -1 AS delta FROM old_rows o
                UNION ALL SELECT queue_id, severity, review_work_state(n), 1 FROM new_rows n
            ) moved GROUP BY 1, 2, 3 HAVING sum(delta) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_insert AFTER INSERT ON review_work REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_tally_work();
CREATE TRIGGER tally_update AFTER UPDATE ON review_work REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_tally_work();
CREATE TRIGGER tally_delete AFTER DELETE ON review_work REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_tally_work();
-- A report that joins a case makes its search document out of date.
CREATE FUNCTION review_unindex() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_unindexed (case_id) SELECT DISTINCT case_id FROM new_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER unindex AFTER INSERT ON review_casereport REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION review_unindex();
-- A queue's rows live for hours and change a few times: let vacuum come early, so that claiming never walks over the dead.
ALTER TABLE review_work SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);
ALTER TABLE review_tally SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
"""


class Migration(migrations.Migration):

    replaces = [
        ('review', '0001_initial'),
        ('review', '0002_wording'),
        ('review', '0003_console'),
        ('review', '0004_backtest'),
        ('review', '0005_tiers'),
        ('review', '0006_reporters'),
        ('review', '0007_waits'),
        ('review', '0008_brigades'),
        ('review', '0009_wanted_runs'),
        ('review', '0010_random_share'),
    ]

    initial = True

    dependencies = [
        ('intake', '0003_seldom_right'),
        ('partners', '0001_tables'),
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('policy', '0001_tables'),
        ('targets', '0002_found'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE review_case_number START 1001", "DROP SEQUENCE review_case_number"),
        migrations.RunSQL("CREATE SEQUENCE review_precedent_number", "DROP SEQUENCE review_precedent_number"),
        migrations.CreateModel(
            name='Brigade',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(choices=[('suspected', 'Suspected'), ('confirmed', 'A brigade'), ('dismissed', 'No brigade')], default='suspected')),
                ('members', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='Reporter keys')),
                ('size', models.PositiveIntegerField()),
                ('cases', models.PositiveIntegerField(default=0, help_text='Cases that several of them reported within the hour')),
                ('targets', models.PositiveIntegerField(default=0, help_text='How many different targets those are about')),
                ('decided', models.PositiveIntegerField(default=0, help_text='Of the cases, decided')),
                ('rejected', models.PositiveIntegerField(default=0, help_text='Of those, without a violation')),
                ('last_at', models.DateTimeField(help_text='When they last reported together')),
                ('reason', models.TextField(default='', help_text='Why somebody confirmed or dismissed it')),
                ('judged_at', models.DateTimeField(null=True)),
                ('judged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-last_at'],
                'indexes': [models.Index(fields=['-last_at', '-id'], name='brigade_newest'), django.contrib.postgres.indexes.GinIndex(fields=['members'], name='brigade_members')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'suspected'), models.Q(('judged_at__isnull', False), ('judged_by__isnull', False)), _connector='OR'), name='brigade_judged_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                ('slug', models.SlugField(unique=True)),
                ('name', models.TextField()),
                ('description', models.TextField(blank=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('retired_at', models.DateTimeField(null=True)),
                ('random_share', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Of a hundred claims, how many get a case that chance picks')),
            ],
            options={
                'ordering': ['position', 'slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('random_share__range', (0, 20))), name='queue_random_share_small')],
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(unique=True)),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('shadow', 'Shadow'), ('live', 'Live'), ('retired', 'Retired')], default='draft')),
                ('rules', models.JSONField(default=list, help_text='In order; later rules override: [{"name", "when": CEL, "set": {"severity", "queue", ...}}]')),
                ('change', models.TextField(default='', help_text='What changed and why')),
                ('created_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('live_from', models.DateTimeField(null=True)),
                ('live_until', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['live', 'shadow'])), fields=('state',), name='rule_set_one_live_one_shadow')],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('pk', models.CompositePrimaryKey('case_id', 'user_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('case_id', models.UUIDField()),
                ('user_id', models.UUIDField()),
                ('name', models.TextField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('case_id', models.UUIDField(primary_key=True, serialize=False)),
                ('document', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=['document'], name='search_document')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queue_id', models.SmallIntegerField()),
                ('severity', models.PositiveSmallIntegerField()),
                ('state', models.TextField(help_text='free, claimed, held')),
                ('delta', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['queue_id'], include=('severity', 'state', 'delta'), name='tally_queue')],
            },
        ),
        migrations.CreateModel(
            name='TierPlan',
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('live_until__isnull', True)), fields=('live_until',), name='tier_plan_one', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Trust',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Harms they are expert in; empty for all')),
                ('expires_on', models.DateField(help_text='The last day on which it holds', null=True)),
                ('reason', models.TextField(help_text='Who awarded it, or what they are known for')),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.TextField(default='')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trusts', to='intake.reporter')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['expires_on'], name='trust_holds')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('reporter',), name='trust_once')],
            },
        ),
        migrations.CreateModel(
            name='Unindexed',
            fields=[
                ('case_id', models.UUIDField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reporter_key', models.TextField()),
                ('reason', models.TextField()),
                ('reports', models.PositiveIntegerField(default=0)),
                ('reversed_at', models.DateTimeField(null=True)),
                ('brigade', models.ForeignKey(help_text='When all its members were', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asides', to='review.brigade')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reversed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['reporter_key', '-id'], name='set_aside_reporter')],
            },
        ),
        migrations.CreateModel(
            name='QueueHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.IntegerField()),
                ('slug', models.SlugField(db_index=False)),
                ('name', models.TextField()),
                ('description', models.TextField(blank=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('retired_at', models.DateTimeField(null=True)),
                ('random_share', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Of a hundred claims, how many get a case that chance picks')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.queue')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('review_case_number'), function='nextval'), editable=False, unique=True)),
                ('product_id', models.UUIDField()),
                ('category', models.TextField(help_text="The harm reported; the harm found is the decision's")),
                ('state', models.TextField(choices=[('open', 'Open'), ('held', 'Held'), ('decided', 'Decided')], default='open')),
                ('severity', models.PositiveSmallIntegerField()),
                ('tier', models.PositiveSmallIntegerField(default=1)),
                ('language', models.CharField(default='', max_length=12)),
                ('report_count', models.PositiveIntegerField(default=0)),
                ('reporter_count', models.PositiveIntegerField(default=0)),
                ('mass_reported', models.BooleanField(default=False, help_text='Many reporters in a short time: a wave or a brigade')),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='targets.target')),
                ('brigade', models.ForeignKey(db_index=False, help_text='Several of its reporters report together again and again', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='marked', to='review.brigade')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='review.queue')),
                ('rule_set', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='review.ruleset')),
            ],
            options={
                'indexes': [models.Index(fields=['queue', '-id'], name='case_queue'), models.Index(fields=['category', '-id'], name='case_category'), models.Index(fields=['target', '-id'], name='case_target'), models.Index(condition=models.Q(('decided_by__isnull', False)), fields=['decided_by', '-id'], name='case_reviewer'), models.Index(fields=['state', '-id'], name='case_state'), models.Index(condition=models.Q(('brigade__isnull', False)), fields=['brigade', '-id'], name='case_brigade'), models.Index(condition=models.Q(('mass_reported', True)), fields=['-id'], name='case_wave')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'held'])), fields=('target', 'category'), name='case_open_once'), models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='case_severity_known'), models.CheckConstraint(condition=models.Q(('tier__range', (1, 9))), name='case_tier_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('state', 'decided')), models.Q(('state', 'decided'), _negated=True), _connector='OR'), name='case_decided_when')],
            },
        ),
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting')),
                ('done', models.PositiveIntegerField(default=0, help_text='Reports seen so far')),
                ('result', models.JSONField(null=True)),
                ('error', models.TextField(default='')),
                ('started_by', models.TextField()),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='backtests', to='review.ruleset')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RuleSetHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('shadow', 'Shadow'), ('live', 'Live'), ('retired', 'Retired')], default='draft')),
                ('rules', models.JSONField(default=list, help_text='In order; later rules override: [{"name", "when": CEL, "set": {"severity", "queue", ...}}]')),
                ('change', models.TextField(default='', help_text='What changed and why')),
                ('created_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('live_from', models.DateTimeField(null=True)),
                ('live_until', models.DateTimeField(null=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='review.ruleset')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ShadowResult',
            fields=[
                ('report_id', models.UUIDField(primary_key=True, serialize=False)),
                ('live', models.JSONField()),
                ('shadow', models.JSONField()),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='review.ruleset')),
            ],
            options={
                'indexes': [models.Index(fields=['rule_set', '-report_id'], name='shadow_newest')],
            },
        ),
        migrations.CreateModel(
            name='WantedRun',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('playbook', models.TextField()),
                ('rule', models.TextField(help_text='The name of the rule')),
                ('trouble', models.TextField(default='', help_text="Why it can't be started")),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='review.case')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('trouble', '')), fields=['id'], name='wanted_run_waits')],
                'constraints': [models.UniqueConstraint(fields=('case', 'playbook'), name='wanted_run_once')],
            },
        ),
        migrations.CreateModel(
            name='AsideWork',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='aside', serialize=False, to='review.case')),
                ('work', models.JSONField()),
                ('set_aside', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='works', to='review.setaside')),
            ],
        ),
        migrations.CreateModel(
            name='Work',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='work', serialize=False, to='review.case')),
                ('severity', models.PositiveSmallIntegerField()),
                ('rank', models.SmallIntegerField(default=0, help_text='Within a severity; lower is earlier (routing sets it)')),
                ('due_at', models.DateTimeField()),
                ('tier', models.PositiveSmallIntegerField(default=1)),
                ('category', models.TextField()),
                ('language', models.CharField(default='', max_length=12)),
                ('lease_until', models.DateTimeField(null=True)),
                ('claimed_at', models.DateTimeField(help_text='When its holder took it; the decision keeps it', null=True)),
                ('assignment', models.TextField(db_default='pull', default='pull', help_text='How it came to its holder: Decision.Assignment')),
                ('held_until', models.DateTimeField(help_text='On hold until then', null=True)),
                ('skipped_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, help_text='Not offered to these people again...')),
                ('skipped_until', models.DateTimeField(help_text='...until then', null=True)),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), db_default=[], default=list, help_text='Never offered to them: they voted on it before')),
                ('assigned_to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('queue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='review.queue')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('assigned_to__isnull', True), ('held_until__isnull', True), ('holder__isnull', True)), fields=['queue', 'severity', 'rank', 'due_at', 'case'], include=('tier', 'category', 'language'), name='work_free'), models.Index(condition=models.Q(('assigned_to__isnull', False)), fields=['assigned_to', 'severity', 'rank', 'due_at'], name='work_assigned'), models.Index(condition=models.Q(('holder__isnull', False)), fields=['holder'], name='work_held_by'), models.Index(condition=models.Q(('tier__gt', 1)), fields=['tier'], name='work_tier'), models.Index(condition=models.Q(('lease_until__isnull', False)), fields=['lease_until'], name='work_lease'), models.Index(condition=models.Q(('held_until__isnull', False)), fields=['held_until'], name='work_on_hold'), models.Index(condition=models.Q(('skipped_until__isnull', False)), fields=['skipped_until'], name='work_skipped')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('holder__isnull', True), ('lease_until__isnull', True)), models.Q(('holder__isnull', False), ('lease_until__isnull', False)), _connector='OR'), name='work_lease_whole')],
            },
        ),
        migrations.CreateModel(
            name='AskWait',
            fields=[
                ('ask', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='case_wait', serialize=False, to='partners.ask')),
                ('done_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ask_waits', to='review.case')),
                ('waiter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['ask'], name='ask_wait_open')],
            },
        ),
        migrations.CreateModel(
            name='CaseReport',
            fields=[
                ('report_id', models.UUIDField(primary_key=True, serialize=False)),
                ('reporter_key', models.TextField(default='')),
                ('duplicate_of', models.UUIDField(null=True)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='case_reports', to='review.case')),
                ('set_aside', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.setaside')),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'report_id'], name='case_reports_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('duplicate_of__isnull', True), models.Q(('reporter_key', ''), _negated=True)), fields=('case', 'reporter_key'), name='case_report_first_of_reporter')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tier', models.PositiveSmallIntegerField()),
                ('category', models.TextField(help_text='The harm found')),
                ('finding', models.TextField(choices=[('violation', 'Breaks the rule'), ('no-violation', 'Does not break the rule'), ('duplicate', 'Repeats another case')])),
                ('rationale', models.TextField(blank=True, help_text='For colleagues; never told outside')),
                ('facts', models.TextField(blank=True, default='', help_text='For the affected user: what was found, and nobody who reported it')),
                ('notify', models.BooleanField(default=True, help_text='Whether reporters and the affected user are told')),
                ('actions', models.JSONField(default=list, help_text='As decided: [{"kind", "target_id", "parameters"}]')),
                ('assignment', models.TextField(choices=[('pull', 'Pull'), ('random', 'Random'), ('skill', 'Skill'), ('named', 'Named'), ('bulk', 'Bulk')], default='pull')),
                ('automated', models.BooleanField(default=False)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField()),
                ('undo_until', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('superseded_at', models.DateTimeField(help_text='When a correction took its place: an appeal, a panel', null=True)),
                ('work', models.JSONField(default=dict, help_text="The queue's row as it was: what undo puts back")),
                ('together', models.UUIDField(help_text='The first decision of those made at once, in bulk', null=True)),
                ('settled', models.BooleanField(default=False, help_text="Its undo window is over: notices written, reporters' records kept")),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='review.case')),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='review.decision')),
                ('policy_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='policy.policyversion')),
                ('reviewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['reviewer', '-id'], name='decision_reviewer'), models.Index(fields=['case', '-id'], name='decision_case'), models.Index(condition=models.Q(('together__isnull', False)), fields=['together'], name='decision_together'), models.Index(condition=models.Q(('settled', False)), fields=['undo_until'], name='decision_unsettled')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True), ('undone_at__isnull', True)), fields=('case',), name='decision_stands_once'), models.CheckConstraint(condition=models.Q(models.Q(('finding', 'violation'), _negated=True), ('policy_version__isnull', False), _connector='OR'), name='decision_violation_names_rule')],
            },
        ),
        migrations.CreateModel(
            name='CaseHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('state', models.TextField(choices=[('open', 'Open'), ('held', 'Held'), ('decided', 'Decided')], default='open')),
                ('severity', models.PositiveSmallIntegerField()),
                ('tier', models.PositiveSmallIntegerField(default=1)),
                ('due_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='state_queue_severity_tier_due_at_decided_by_events', to='review.case')),
                ('queue', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='review.queue')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Deliberation',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('way', models.TextField(choices=[('consensus', 'Consensus'), ('panel', 'Panel')])),
                ('stage', models.TextField(choices=[('votes', 'Independent votes'), ('discussion', 'Discussion and final votes'), ('roster', 'Waits for its panel'), ('panel', 'The panel votes'), ('second', 'The panel votes again'), ('writing', 'The outcome is being written'), ('decided', 'Decided'), ('passed-on', 'Passed on without consensus'), ('ended', 'Ended: the case went another way')])),
                ('tier', models.PositiveSmallIntegerField()),
                ('plan_number', models.PositiveIntegerField(default=0)),
                ('voters', models.PositiveSmallIntegerField(help_text='Votes needed (consensus) or quorum (panel)')),
                ('due_at', models.DateTimeField()),
                ('outcome', models.JSONField(help_text='The ballot that prevailed (ballots.py)', null=True)),
                ('casting', models.BooleanField(default=False, help_text="Whether the chair's vote decided a tie")),
                ('closed_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliberations', to='review.case')),
                ('chair', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.ForeignKey(help_text='The decision that is under appeal', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.decision')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliberation', to='review.decision')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['due_at'], name='deliberation_due'), models.Index(fields=['-id'], name='deliberation_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('case',), name='deliberation_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Precedent',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(db_default=models.Func(models.Value('review_precedent_number'), function='nextval'), editable=False, unique=True)),
                ('tier', models.PositiveSmallIntegerField()),
                ('category', models.TextField()),
                ('finding', models.TextField()),
                ('target_kind', models.TextField()),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ('passage', models.TextField(blank=True, default='', help_text='The words of the rule that it turns on, as quoted')),
                ('question', models.TextField(help_text='What had to be decided, in a sentence')),
                ('opinion', models.TextField(help_text='What was decided and why')),
                ('dissents', models.JSONField(default=list, help_text='[{"name", "function", "text"}]')),
                ('retired_at', models.DateTimeField(null=True)),
                ('retired_because', models.TextField(default='')),
                ('document', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector('question', 'opinion', 'passage', config='simple'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='precedents', to='review.case')),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='precedent', to='review.decision')),
                ('policy_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='precedents', to='policy.policyversion')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('retired_at__isnull', True)), fields=['category', '-id'], name='precedent_category'), django.contrib.postgres.indexes.GinIndex(fields=['document'], name='precedent_document')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('function', models.TextField(default='', help_text='The part of the company, as it was then')),
                ('state', models.TextField(choices=[('invited', 'Has not declared yet'), ('seated', 'No conflict of interest'), ('conflicted', 'Conflict of interest')], default='invited')),
                ('conflict', models.TextField(default='')),
                ('declared_at', models.DateTimeField(null=True)),
                ('deliberation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='review.deliberation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['user', '-id'], name='seat_user')],
                'constraints': [models.UniqueConstraint(fields=('deliberation', 'user'), name='seat_once')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField()),
                ('ballot', models.JSONField(help_text='ballots.py: finding, category, policy version, actions')),
                ('reasons', models.TextField()),
                ('cast_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deliberation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='review.deliberation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('deliberation', 'user', 'round'), name='vote_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queue',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_queuehistory" ("description", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "random_share", "retired_at", "slug") VALUES (NEW."description", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."random_share", NEW."retired_at", NEW."slug"); RETURN NULL;', hash='442028a5ee1f05965cf53abedd9a6e90dd6d1bab', operation='INSERT', pgid='pgtrigger_insert_insert_125a2', table='review_queue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queue',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "review_queuehistory" ("description", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "random_share", "retired_at", "slug") VALUES (NEW."description", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."random_share", NEW."retired_at", NEW."slug"); RETURN NULL;', hash='5dabbe97c697a713cad2cc381370268aacfd2d92', operation='UPDATE', pgid='pgtrigger_update_update_a6bf6', table='review_queue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_rulesethistory" ("change", "created_at", "created_by", "id", "live_from", "live_until", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rules", "state") VALUES (NEW."change", NEW."created_at", NEW."created_by", NEW."id", NEW."live_from", NEW."live_until", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rules", NEW."state"); RETURN NULL;', hash='dbd68dfc4393771469c9f80932fd685e9ca23236', operation='INSERT', pgid='pgtrigger_insert_insert_5b7b7', table='review_ruleset', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "review_rulesethistory" ("change", "created_at", "created_by", "id", "live_from", "live_until", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rules", "state") VALUES (NEW."change", NEW."created_at", NEW."created_by", NEW."id", NEW."live_from", NEW."live_until", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rules", NEW."state"); RETURN NULL;', hash='77c5fd95855c5473f275048f3c0840301d67fcdd', operation='UPDATE', pgid='pgtrigger_update_update_254e8', table='review_ruleset', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "review_casehistory" ("decided_by_id", "due_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "queue_id", "severity", "state", "tier") VALUES (NEW."decided_by_id", NEW."due_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."queue_id", NEW."severity", NEW."state", NEW."tier"); RETURN NULL;', hash='e67557195bfd01a184d43a8b771121ebe9eb02c4', operation='INSERT', pgid='pgtrigger_insert_insert_a5e90', table='review_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."decided_by_id" IS DISTINCT FROM (NEW."decided_by_id") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."queue_id" IS DISTINCT FROM (NEW."queue_id") OR OLD."severity" IS DISTINCT FROM (NEW."severity") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."tier" IS DISTINCT FROM (NEW."tier"))', func='INSERT INTO "review_casehistory" ("decided_by_id", "due_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "queue_id", "severity", "state", "tier") VALUES (NEW."decided_by_id", NEW."due_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."queue_id", NEW."severity", NEW."state", NEW."tier"); RETURN NULL;', hash='9cfd5ad20e2687d1e6b15966c81f3f9476eadb71', operation='UPDATE', pgid='pgtrigger_update_update_5fb97', table='review_case', when='AFTER')),
        ),
        migrations.RunSQL(TALLY, "DROP FUNCTION review_tally_work CASCADE; DROP FUNCTION review_unindex CASCADE"),
    ]
