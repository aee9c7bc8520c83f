import django.db.models.deletion
import django.db.models.functions.datetime
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('connectors', '0001_initial'),
        ('connectors', '0002_threads'),
        ('connectors', '0003_failing'),
    ]

    initial = True

    dependencies = [
        ('partners', '0001_tables'),
        ('people', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Incoming',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.TextField()),
                ('key', models.TextField(help_text='What its sender calls it, within its ask: the same is kept once')),
                ('sender', models.TextField(default='')),
                ('subject', models.TextField(default='')),
                ('raw', models.BinaryField()),
                ('state', models.TextField(choices=[('kept', 'Waits to be read'), ('done', 'Done'), ('ignored', 'Nothing follows from it'), ('needs-human', 'Needs Human'), ('handled', 'Handled by a person')], default='kept')),
                ('kind', models.TextField(blank=True, choices=[('answer', 'Answer'), ('question', 'Question'), ('message', 'Message'), ('outcome', 'Outcome'), ('state', 'A change of state'), ('bounce', 'A mail of ours came back'), ('automatic', 'Nobody wrote it')], default='')),
                ('reason', models.TextField(default='', help_text='Why nothing followed, or why a person must look')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('settled_at', models.DateTimeField(null=True)),
                ('ask', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='incoming', to='partners.ask')),
                ('dispatch', models.ForeignKey(help_text='What it answers', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='incoming', to='partners.dispatch')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='partners.askmessage')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'kept')), fields=['id'], name='incoming_kept'), models.Index(condition=models.Q(('state', 'needs-human')), fields=['-id'], name='incoming_needs_human'), models.Index(condition=models.Q(('state', 'handled')), fields=['-id'], name='incoming_handled'), models.Index(condition=models.Q(('ask__isnull', False)), fields=['ask', '-id'], name='incoming_of_ask')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'key'), name='incoming_once')],
            },
        ),
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.TextField()),
                ('address', models.TextField(help_text='The repository, project or chat channel')),
                ('external_id', models.TextField(default='', help_text="The issue's number, the thread's first message; empty: not yet")),
                ('url', models.TextField(default='')),
                ('is_open', models.BooleanField(default=True, help_text="The issue's state as it was last seen")),
                ('look_at', models.DateTimeField(help_text='When to look for news there; null: no more', null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(default='')),
                ('ask', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='threads', to='partners.ask')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('look_at__isnull', False)), fields=['look_at', 'id'], name='thread_look'), models.Index(condition=models.Q(('failures__gte', 3)), fields=['-id'], name='thread_failing')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'address', 'ask'), name='thread_once'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('channel', 'address', 'external_id'), name='thread_of_one_ask')],
            },
        ),
    ]
