import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('value', '0001_initial'),
        ('value', '0002_at_once'),
        ('value', '0003_once_each'),
        ('value', '0004_promises'),
    ]

    initial = True

    dependencies = [
        ('partners', '0001_tables'),
        ('people', '0001_tables'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE value_finding_number", "DROP SEQUENCE value_finding_number"),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('kind', models.TextField(choices=[('quality', 'Quality'), ('operations', 'Operations'), ('staffing', 'Staffing'), ('offers', 'Offers')], primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(help_text='Set: to be made anew', null=True)),
                ('made_at', models.DateTimeField(null=True)),
                ('content', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='AccountDay',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('account_id', models.TextField()),
                ('date', models.DateField()),
                ('plan', models.TextField(blank=True, default='')),
                ('revenue', models.FloatField(default=0.0)),
                ('active', models.BooleanField(default=True)),
                ('churned_at', models.DateField(null=True)),
                ('market', models.TextField(blank=True, default='')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account_id', 'date'), name='account_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('kind', models.TextField(choices=[('ask', 'The ask'), ('investment', 'Investment case'), ('cut', 'Cut plan'), ('not-money', 'What is not put in money')], primary_key=True, serialize=False)),
                ('text', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('value_finding_number'), function='nextval'), editable=False, unique=True)),
                ('state', models.TextField(choices=[('offered', 'Offered, waits for somebody to propose it'), ('proposed', 'Proposed'), ('declined', 'Declined')], default='proposed')),
                ('question', models.TextField()),
                ('design', models.TextField(help_text='Slug of ledger.designs')),
                ('plan', models.JSONField(default=dict, help_text='ledger.plans.Plan: outcome, who, from when until when')),
                ('population', models.TextField(blank=True, default='', help_text='Whom it speaks of, in words')),
                ('unit', models.TextField(blank=True, default='', help_text='What one unit of the estimate is')),
                ('worth', models.FloatField(help_text='Money a year for one unit of the estimate; empty: not put in money', null=True)),
                ('worth_basis', models.TextField(blank=True, default='', help_text='Accounts affected x margin x horizon, and whence')),
                ('overlap', models.TextField(blank=True, default='', help_text='Findings of one group are never added up')),
                ('origin', models.TextField(help_text='What offered it, such as policy-version:<id>', null=True, unique=True)),
                ('proposed_at', models.DateTimeField(null=True)),
                ('code_version', models.TextField(blank=True, default='')),
                ('data_hash', models.TextField(blank=True, default='', help_text='Of the rows it will be estimated on')),
                ('data_rows', models.PositiveIntegerField(default=0)),
                ('frozen_at', models.DateTimeField(null=True)),
                ('at_once', models.BooleanField(default=False, help_text='Estimated as soon as its data are frozen')),
                ('trouble', models.TextField(blank=True, default='', help_text='Why its data could not be read')),
                ('declined_because', models.TextField(blank=True, default='')),
                ('superseded_because', models.TextField(blank=True, default='')),
                ('ask', models.ForeignKey(help_text="Finance's sign-off", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.ask')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('superseded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='value.finding')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('data_hash', ''), ('state', 'proposed'), ('trouble', '')), fields=['id'], name='finding_to_freeze'), models.Index(fields=['state', '-id'], name='finding_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'proposed'), _negated=True), models.Q(('proposed_at__isnull', False), models.Q(('code_version', ''), _negated=True)), _connector='OR'), name='finding_proposed_whole'), models.CheckConstraint(condition=models.Q(('worth__isnull', True), models.Q(('worth_basis', ''), _negated=True), _connector='OR'), name='finding_worth_has_basis'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('declined_because', ''), _negated=True), _connector='OR'), name='finding_declined_why'), models.CheckConstraint(condition=models.Q(('superseded_by__isnull', True), models.Q(('superseded_because', ''), _negated=True), _connector='OR'), name='finding_superseded_why'), models.CheckConstraint(condition=models.Q(('superseded_by', models.F('id')), _negated=True), name='finding_not_by_itself')],
            },
        ),
        migrations.CreateModel(
            name='Launch',
            fields=[
                ('row', models.BigAutoField(primary_key=True, serialize=False)),
                ('id', models.TextField()),
                ('name', models.TextField(blank=True, default='')),
                ('unit', models.TextField(blank=True, default='', help_text='The market it shipped to; empty: everywhere')),
                ('shipped_at', models.DateField()),
                ('category', models.TextField(blank=True, default='')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('id', 'unit'), name='launch_once_a_unit')],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('row', models.BigAutoField(primary_key=True, serialize=False)),
                ('launch_id', models.TextField()),
                ('account_id', models.TextField()),
                ('assigned', models.BooleanField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('launch_id', 'account_id'), name='lot_once')],
            },
        ),
        migrations.CreateModel(
            name='Assumptions',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(unique=True)),
                ('live_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('live_until', models.DateTimeField(null=True)),
                ('costs', models.JSONField()),
                ('change', models.TextField(help_text='What changed, and who says so')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('live_until__isnull', True)), fields=('live_until',), name='assumptions_one', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked', models.TextField(help_text='What was asked for')),
                ('measure', models.TextField(help_text='Slug of promises.measures')),
                ('promised', models.FloatField(help_text="In the measure's unit; a share is 0 to 1")),
                ('baseline', models.FloatField(help_text='The measure when it was asked for, where it was known', null=True)),
                ('due', models.DateField(help_text='By when it was promised')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('answer', models.TextField(choices=[('open', 'Not answered yet'), ('granted', 'Granted'), ('partly', 'Partly granted'), ('refused', 'Refused')], default='open')),
                ('answered_on', models.DateField(help_text='From this day its measure is counted', null=True)),
                ('found', models.FloatField(null=True)),
                ('found_low', models.FloatField(null=True)),
                ('found_high', models.FloatField(null=True)),
                ('held', models.TextField(blank=True, choices=[('kept', 'Kept'), ('missed', 'Missed'), ('unclear', "Can't be told: the interval lies on both sides"), ('void', 'Void: it was not granted')], default='')),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('comment', models.TextField(blank=True, default='')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', 'open'), ('answered_on__isnull', True)), models.Q(models.Q(('answer', 'open'), _negated=True), ('answered_on__isnull', False)), _connector='OR'), name='promise_answered_on_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('held__in', ('kept', 'missed', 'unclear')), _negated=True), ('found__isnull', False), _connector='OR'), name='promise_held_by_a_figure')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(choices=[('waiting', 'Waits for the worker'), ('done', 'Done'), ('failed', 'Failed')], default='waiting')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('data_hash', models.TextField(blank=True, default='')),
                ('code_version', models.TextField(blank=True, default='')),
                ('grade', models.TextField(blank=True, choices=[('A', 'Randomised'), ('B', 'Design-based, every diagnostic passed'), ('C', 'Adjusted observational, robustness shown'), ('D', 'Survey or benchmark'), ('X', 'A diagnostic failed')], default='')),
                ('estimate', models.FloatField(null=True)),
                ('low', models.FloatField(help_text='Empty: without bound', null=True)),
                ('high', models.FloatField(help_text='Empty: without bound', null=True)),
                ('n', models.PositiveBigIntegerField(default=0)),
                ('refusal', models.TextField(blank=True, default='')),
                ('result', models.JSONField(default=dict, help_text='designs.result.Result as plain values')),
                ('error', models.TextField(blank=True, default='')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='value.finding')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['id'], name='run_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('finding',), name='run_one_at_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('grade', ''), _negated=True), models.Q(('refusal', ''), _negated=True), _connector='OR'), name='run_graded_or_refused'), models.CheckConstraint(condition=models.Q(('refusal', ''), models.Q(('estimate__isnull', True), ('grade', '')), _connector='OR'), name='run_refusal_bare')],
            },
        ),
        migrations.AddField(
            model_name='finding',
            name='current',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='value.run'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='promise',
            trigger=pgtrigger.compiler.Trigger(name='promise_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP = 'DELETE' OR (OLD.held <> '' AND NEW.held IS DISTINCT FROM OLD.held) OR (NEW.asked IS DISTINCT FROM OLD.asked OR NEW.measure IS DISTINCT FROM OLD.measure OR NEW.promised IS DISTINCT FROM OLD.promised OR NEW.due IS DISTINCT FROM OLD.due OR NEW.baseline IS DISTINCT FROM OLD.baseline OR NEW.made_at IS DISTINCT FROM OLD.made_at OR NEW.by_id IS DISTINCT FROM OLD.by_id) THEN\n    RAISE EXCEPTION 'A promise stays as it was made, and so does what came of it.'\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NEW;\n", hash='7154ca2c92dd1f61bdb549749e19f96fdb950a50', operation='UPDATE OR DELETE', pgid='pgtrigger_promise_stays_65fcf', table='value_promise', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='run',
            trigger=pgtrigger.compiler.Trigger(name='made_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP = 'INSERT' THEN\n    IF NOT EXISTS (SELECT FROM value_finding WHERE id = NEW.finding_id AND state = 'proposed' AND data_hash <> '') THEN\n        RAISE EXCEPTION 'Propose the finding, data and all, before its estimate is made.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\nEND IF;\nIF OLD.state <> 'waiting' OR TG_OP = 'DELETE' THEN\n    RAISE EXCEPTION 'An estimate that was made stays, whatever it says.' USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NEW;\n", hash='98a7e97cd89a6a21302765f6d15caa66c4753d7a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_made_stays_45198', table='value_run', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='finding',
            trigger=pgtrigger.compiler.Trigger(name='proposed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF OLD.state IN ('offered', 'declined') THEN\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\nEND IF;\nIF TG_OP = 'DELETE' THEN\n    RAISE EXCEPTION 'Finding F-% was proposed: it is superseded, never deleted.', OLD.number\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nIF NEW.state <> 'proposed' OR (OLD.data_hash <> '' AND NEW.data_hash IS DISTINCT FROM OLD.data_hash) OR (NEW.number IS DISTINCT FROM OLD.number OR NEW.question IS DISTINCT FROM OLD.question OR NEW.design IS DISTINCT FROM OLD.design OR NEW.plan IS DISTINCT FROM OLD.plan OR NEW.population IS DISTINCT FROM OLD.population OR NEW.unit IS DISTINCT FROM OLD.unit OR NEW.worth IS DISTINCT FROM OLD.worth OR NEW.worth_basis IS DISTINCT FROM OLD.worth_basis OR NEW.overlap IS DISTINCT FROM OLD.overlap OR NEW.code_version IS DISTINCT FROM OLD.code_version OR NEW.proposed_at IS DISTINCT FROM OLD.proposed_at OR NEW.proposed_by_id IS DISTINCT FROM OLD.proposed_by_id OR NEW.origin IS DISTINCT FROM OLD.origin) THEN\n    RAISE EXCEPTION 'Finding F-% was proposed: what it asks and on which data stays. Supersede it by another.', OLD.number\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NEW;\n", hash='305e0005025c1e78de3a4b0e8cb3cd2a56da58f4', operation='UPDATE OR DELETE', pgid='pgtrigger_proposed_stays_57396', table='value_finding', when='BEFORE')),
        ),
    ]
