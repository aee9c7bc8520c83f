import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('policy', '0001_initial'),
        ('policy', '0002_titles'),
        ('policy', '0003_published_stays'),
        ('policy', '0004_appeals'),
        ('policy', '0005_guidance'),
        ('policy', '0006_corrected'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(unique=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['position', 'slug'],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft')),
                ('title', models.TextField()),
                ('titles', models.JSONField(default=dict, help_text='Language to title, for notices and the public pages')),
                ('summaries', models.JSONField(default=dict, help_text='Language to the rule in a sentence or two, quoted in notices')),
                ('text', models.TextField(help_text='Markdown; published to the world')),
                ('guide', models.JSONField(default=list, help_text='Decision guide: [{"question": str, "help": str, "answers": [{"answer": str, "leads_to": str}]}]')),
                ('allowed_actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('dismiss', 'Dismiss'), ('warn', 'Warn'), ('strike', 'Strike'), ('remove-content', 'Remove content'), ('end-event', 'End or suspend the event'), ('suspend-host', 'Suspend the host'), ('block-user', 'Block the user'), ('suspend-account', 'Suspend the account'), ('restrict-feature', 'Restrict a feature'), ('geoblock', 'Geoblock'), ('refer', 'Refer')]), default=list)),
                ('strike_weight', models.PositiveSmallIntegerField(default=1)),
                ('strike_days', models.PositiveSmallIntegerField(default=180)),
                ('strike_threshold', models.PositiveSmallIntegerField(default=3)),
                ('strike_action', models.TextField(choices=[('dismiss', 'Dismiss'), ('warn', 'Warn'), ('strike', 'Strike'), ('remove-content', 'Remove content'), ('end-event', 'End or suspend the event'), ('suspend-host', 'Suspend the host'), ('block-user', 'Block the user'), ('suspend-account', 'Suspend the account'), ('restrict-feature', 'Restrict a feature'), ('geoblock', 'Geoblock'), ('refer', 'Refer')], default='suspend-account')),
                ('change', models.TextField(default='', help_text='What changed and why, for the public change log')),
                ('effective_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(help_text='When it was withdrawn; the version before it holds again', null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='policy.policy')),
            ],
            options={
                'ordering': ['policy', '-number'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='policy_version_once'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('effective_at__isnull', False), _connector='OR'), name='policy_published_has_effect'), models.CheckConstraint(condition=models.Q(models.Q(('ends_at__isnull', False), ('state', 'withdrawn')), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('ends_at__isnull', True)), _connector='OR'), name='policy_withdrawn_has_end'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('policy',), name='policy_one_draft')],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('slug', models.SlugField(primary_key=True, serialize=False)),
                ('names', models.JSONField(default=dict, help_text='Language to name, as shown on the public form')),
                ('descriptions', models.JSONField(default=dict)),
                ('severity', models.PositiveSmallIntegerField(default=3)),
                ('taxonomies', models.JSONField(default=dict, help_text='Outside names, such as {"xarf": "messaging/spam", "dsa": "..."}')),
                ('public', models.BooleanField(default=True, help_text='Whether the public form offers it')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='policy.policy')),
            ],
            options={
                'verbose_name_plural': 'categories',
                'ordering': ['position', 'slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('severity__range', (1, 4))), name='category_severity_known')],
            },
        ),
        migrations.CreateModel(
            name='Guidance',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('note', models.TextField(help_text="What is new, in the writer's words")),
                ('by_name', models.TextField()),
                ('holds_from', models.DateTimeField()),
                ('ended_at', models.DateTimeField(help_text='When it was taken back: nobody needs to read it any more', null=True)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guidance', to='policy.policy')),
                ('version', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='guidance', to='policy.policyversion')),
            ],
            options={
                'ordering': ['-holds_from', '-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['holds_from'], name='guidance_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='guidance_says_what')],
            },
        ),
        migrations.CreateModel(
            name='NoticeText',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('audience', models.TextField(choices=[('reporter', 'Reporter'), ('affected', 'Affected')])),
                ('outcome', models.TextField(choices=[('received', 'Received'), ('violation', 'Violation'), ('no-violation', 'No Violation'), ('appeal-received', 'Appeal Received'), ('appeal-upheld', 'Appeal Upheld'), ('appeal-overturned', 'Appeal Overturned'), ('appeal-changed', 'Appeal Changed'), ('corrected', 'Corrected')])),
                ('language', models.CharField(max_length=12)),
                ('subject', models.TextField()),
                ('body', models.TextField()),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notice_texts', to='policy.policyversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'audience', 'outcome', 'language'), name='notice_text_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersionHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.TextField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft')),
                ('title', models.TextField()),
                ('titles', models.JSONField(default=dict, help_text='Language to title, for notices and the public pages')),
                ('summaries', models.JSONField(default=dict, help_text='Language to the rule in a sentence or two, quoted in notices')),
                ('text', models.TextField(help_text='Markdown; published to the world')),
                ('guide', models.JSONField(default=list, help_text='Decision guide: [{"question": str, "help": str, "answers": [{"answer": str, "leads_to": str}]}]')),
                ('allowed_actions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('dismiss', 'Dismiss'), ('warn', 'Warn'), ('strike', 'Strike'), ('remove-content', 'Remove content'), ('end-event', 'End or suspend the event'), ('suspend-host', 'Suspend the host'), ('block-user', 'Block the user'), ('suspend-account', 'Suspend the account'), ('restrict-feature', 'Restrict a feature'), ('geoblock', 'Geoblock'), ('refer', 'Refer')]), default=list)),
                ('strike_weight', models.PositiveSmallIntegerField(default=1)),
                ('strike_days', models.PositiveSmallIntegerField(default=180)),
                ('strike_threshold', models.PositiveSmallIntegerField(default=3)),
                ('strike_action', models.TextField(choices=[('dismiss', 'Dismiss'), ('warn', 'Warn'), ('strike', 'Strike'), ('remove-content', 'Remove content'), ('end-event', 'End or suspend the event'), ('suspend-host', 'Suspend the host'), ('block-user', 'Block the user'), ('suspend-account', 'Suspend the account'), ('restrict-feature', 'Restrict a feature'), ('geoblock', 'Geoblock'), ('refer', 'Refer')], default='suspend-account')),
                ('change', models.TextField(default='', help_text='What changed and why, for the public change log')),
                ('effective_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(help_text='When it was withdrawn; the version before it holds again', null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='policy.policyversion')),
                ('policy', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='policy.policy')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'guidance_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('guidance', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgements', to='policy.guidance')),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'draft')", func="\nIF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (NEW.policy_id IS DISTINCT FROM OLD.policy_id OR NEW.number IS DISTINCT FROM OLD.number OR NEW.title IS DISTINCT FROM OLD.title OR NEW.titles IS DISTINCT FROM OLD.titles OR NEW.summaries IS DISTINCT FROM OLD.summaries OR NEW.text IS DISTINCT FROM OLD.text OR NEW.guide IS DISTINCT FROM OLD.guide OR NEW.allowed_actions IS DISTINCT FROM OLD.allowed_actions OR NEW.strike_weight IS DISTINCT FROM OLD.strike_weight OR NEW.strike_days IS DISTINCT FROM OLD.strike_days OR NEW.strike_threshold IS DISTINCT FROM OLD.strike_threshold OR NEW.strike_action IS DISTINCT FROM OLD.strike_action OR NEW.change IS DISTINCT FROM OLD.change OR NEW.effective_at IS DISTINCT FROM OLD.effective_at OR NEW.published_at IS DISTINCT FROM OLD.published_at OR NEW.published_by IS DISTINCT FROM OLD.published_by) THEN\n    RAISE EXCEPTION 'Version % of this policy is published: decisions rest on its words. Publish a new version instead.',\n        OLD.number USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nRETURN NEW;\n", hash='b23b9513db7935ca1de62132ad583defd4f96ab4', operation='UPDATE OR DELETE', pgid='pgtrigger_published_stays_3f1a2', table='policy_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "policy_policyversionhistory" ("allowed_actions", "change", "created_at", "effective_at", "ends_at", "guide", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "published_at", "published_by", "state", "strike_action", "strike_days", "strike_threshold", "strike_weight", "summaries", "text", "title", "titles") VALUES (NEW."allowed_actions", NEW."change", NEW."created_at", NEW."effective_at", NEW."ends_at", NEW."guide", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."policy_id", NEW."published_at", NEW."published_by", NEW."state", NEW."strike_action", NEW."strike_days", NEW."strike_threshold", NEW."strike_weight", NEW."summaries", NEW."text", NEW."title", NEW."titles"); RETURN NULL;', hash='44a143809f0fcea49b933ab352101aae60fc42c5', operation='INSERT', pgid='pgtrigger_insert_insert_577eb', table='policy_policyversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "policy_policyversionhistory" ("allowed_actions", "change", "created_at", "effective_at", "ends_at", "guide", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "published_at", "published_by", "state", "strike_action", "strike_days", "strike_threshold", "strike_weight", "summaries", "text", "title", "titles") VALUES (NEW."allowed_actions", NEW."change", NEW."created_at", NEW."effective_at", NEW."ends_at", NEW."guide", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."policy_id", NEW."published_at", NEW."published_by", NEW."state", NEW."strike_action", NEW."strike_days", NEW."strike_threshold", NEW."strike_weight", NEW."summaries", NEW."text", NEW."title", NEW."titles"); RETURN NULL;', hash='4f43d7e031c09330843b9c7c36b1c48d27a5cd0c', operation='UPDATE', pgid='pgtrigger_update_update_78d7d', table='policy_policyversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticetext',
            trigger=pgtrigger.compiler.Trigger(name='published_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.version_id IS NOT NULL)', func="\nIF EXISTS (SELECT FROM policy_policyversion WHERE id = OLD.version_id AND state <> 'draft') THEN\n    RAISE EXCEPTION 'This notice text belongs to a published version of a policy. Publish a new version instead.'\n        USING ERRCODE = 'integrity_constraint_violation';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='635378bc591e0751dbc7737ecc0b84d1c7e9832d', operation='UPDATE OR DELETE', pgid='pgtrigger_published_stays_0e68b', table='policy_noticetext', when='BEFORE')),
        ),
    ]
