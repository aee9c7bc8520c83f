import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('people', '0001_initial'),
        ('people', '0002_rate'),
        ('people', '0003_tiers'),
        ('people', '0004_handler'),
        ('people', '0005_privacy_officer'),
        ('people', '0006_seclusion'),
    ]

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.TextField()),
                ('is_active', models.BooleanField(default=True)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('reviewer', 'Reviewer'), ('lead', 'Lead'), ('policy-manager', 'Policy manager'), ('panel-member', 'Panel member'), ('restricted-handler', 'Handler of restricted material'), ('privacy-officer', 'Privacy officer'), ('partner', 'Partner'), ('auditor', 'Auditor'), ('admin', 'Admin')]), blank=True, default=list)),
                ('language', models.CharField(default='en', max_length=12)),
                ('time_zone', models.TextField(default='UTC')),
                ('tier', models.PositiveSmallIntegerField(default=1, help_text='Highest tier this person may review at')),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list)),
                ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('secluded_at', models.TextField(blank=True, db_default='', default='')),
                ('secluded_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once'), models.CheckConstraint(condition=models.Q(('tier__range', (1, 9))), name='user_tier_known')],
            },
        ),
        migrations.CreateModel(
            name='Function',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(unique=True)),
                ('name', models.TextField()),
                ('description', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('rests_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['rests_at'], name='rate_at_rest')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('prefix', models.CharField(max_length=16)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Permissions, never more than its owner holds')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('name', models.TextField(blank=True)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('reviewer', 'Reviewer'), ('lead', 'Lead'), ('policy-manager', 'Policy manager'), ('panel-member', 'Panel member'), ('restricted-handler', 'Handler of restricted material'), ('privacy-officer', 'Privacy officer'), ('partner', 'Partner'), ('auditor', 'Auditor'), ('admin', 'Admin')]), default=list)),
                ('tier', models.PositiveSmallIntegerField(default=1)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='UserHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('name', models.TextField()),
                ('is_active', models.BooleanField(default=True)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(choices=[('reviewer', 'Reviewer'), ('lead', 'Lead'), ('policy-manager', 'Policy manager'), ('panel-member', 'Panel member'), ('restricted-handler', 'Handler of restricted material'), ('privacy-officer', 'Privacy officer'), ('partner', 'Partner'), ('auditor', 'Auditor'), ('admin', 'Admin')]), blank=True, default=list)),
                ('language', models.CharField(default='en', max_length=12)),
                ('time_zone', models.TextField(default='UTC')),
                ('tier', models.PositiveSmallIntegerField(default=1, help_text='Highest tier this person may review at')),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list)),
                ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('function', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='people.function')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('function', 'name'), name='team_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiTokenHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, serialize=False)),
                ('name', models.TextField()),
                ('prefix', models.CharField(max_length=16)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Permissions, never more than its owner holds')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='people.apitoken')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('function', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.function')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='people.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'function'), name='membership_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "people_userhistory" ("categories", "email", "id", "is_active", "joined_at", "language", "languages", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "roles", "tier", "time_zone") VALUES (NEW."categories", NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."language", NEW."languages", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."roles", NEW."tier", NEW."time_zone"); RETURN NULL;', hash='b9310c93bf4db17466a026a3a58fea2a2c696461', operation='INSERT', pgid='pgtrigger_insert_insert_7e9ab', table='people_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."categories" IS DISTINCT FROM (NEW."categories") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."languages" IS DISTINCT FROM (NEW."languages") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."roles" IS DISTINCT FROM (NEW."roles") OR OLD."tier" IS DISTINCT FROM (NEW."tier") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))', func='INSERT INTO "people_userhistory" ("categories", "email", "id", "is_active", "joined_at", "language", "languages", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "roles", "tier", "time_zone") VALUES (NEW."categories", NEW."email", NEW."id", NEW."is_active", NEW."joined_at", NEW."language", NEW."languages", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."roles", NEW."tier", NEW."time_zone"); RETURN NULL;', hash='5879d06ba99299c6adc382d6823183e9b1ff74c5', operation='UPDATE', pgid='pgtrigger_update_update_86e64', table='people_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "people_apitokenhistory" ("created_at", "expires_at", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes") VALUES (NEW."created_at", NEW."expires_at", NEW."id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prefix", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='4ad162ba802c1e7300a21ce3f674a0d4dfe2843e', operation='INSERT', pgid='pgtrigger_insert_insert_89aa6', table='people_apitoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."prefix" IS DISTINCT FROM (NEW."prefix") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))', func='INSERT INTO "people_apitokenhistory" ("created_at", "expires_at", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes") VALUES (NEW."created_at", NEW."expires_at", NEW."id", NEW."name", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prefix", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='0058d172bddfdc67eaf75aef7887e9e77934682f', operation='UPDATE', pgid='pgtrigger_update_update_bd2cc', table='people_apitoken', when='AFTER')),
        ),
        migrations.RunSQL("ALTER TABLE people_rate SET UNLOGGED", migrations.RunSQL.noop),
    ]
