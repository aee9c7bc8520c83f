import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('relationships', '0001_initial'),
        ('relationships', '0002_pulse'),
    ]

    initial = True

    dependencies = [
        ('partners', '0001_tables'),
        ('people', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='DigestChoice',
            fields=[
                ('function', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='people.function')),
                ('wanted', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='PulseShare',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('percent', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='pulse_share_once'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='pulse_share_of_hundred')],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('week', models.DateField(help_text='Its Monday')),
                ('recipients', models.PositiveSmallIntegerField(help_text='0: there was nothing to say, or nobody to say it to')),
                ('function', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.function')),
            ],
            options={
                'ordering': ['-week'],
                'constraints': [models.UniqueConstraint(fields=('function', 'week'), name='digest_once')],
            },
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('easy', models.PositiveSmallIntegerField(help_text='1 very hard to 5 very easy', null=True)),
                ('worth', models.PositiveSmallIntegerField(help_text='1 not at all to 5 very much', null=True)),
                ('ask', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.ask')),
                ('function', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.function')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['email', '-asked_at'], name='pulse_of_person'), models.Index(condition=models.Q(('easy__isnull', False)), fields=['function'], name='pulse_not_counted'), models.Index(fields=['-asked_at'], name='pulse_asked')],
                'constraints': [models.UniqueConstraint(fields=('ask', 'email'), name='pulse_once'), models.CheckConstraint(condition=models.Q(models.Q(('easy__isnull', True), ('worth__isnull', True)), models.Q(('answered_at__isnull', False), ('easy__range', (1, 5)), ('worth__range', (1, 5))), _connector='OR'), name='pulse_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='PulseRound',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('closed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('people', models.PositiveSmallIntegerField()),
                ('easy', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=5)),
                ('worth', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=5)),
                ('function', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.function')),
            ],
            options={
                'ordering': ['-closed_at'],
                'indexes': [models.Index(fields=['function', '-closed_at'], name='pulse_round_of')],
            },
        ),
        migrations.CreateModel(
            name='Win',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.TextField(help_text='ask, or policy-version')),
                ('subject_id', models.UUIDField()),
                ('words', models.TextField(blank=True, default='')),
                ('pinned_at', models.DateTimeField(null=True)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pinned_at'],
                'indexes': [models.Index(condition=models.Q(('pinned_at__isnull', False)), fields=['-pinned_at'], name='win_pinned')],
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_id'), name='win_worded_once')],
            },
        ),
    ]
