import django.db.models.deletion
import seacliff.record.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('appeals', '0001_initial'),
    ]

    initial = True

    dependencies = [
        ('people', '0001_tables'),
        ('policy', '0001_tables'),
        ('review', '0001_tables'),
        ('targets', '0002_found'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE appeals_appeal_number", "DROP SEQUENCE appeals_appeal_number"),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.UUIDField(default=seacliff.record.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=models.Func(models.Value('appeals_appeal_number'), function='nextval'), editable=False, unique=True)),
                ('side', models.TextField(choices=[('affected', 'Affected user'), ('reporter', 'Reporter')])),
                ('report_id', models.UUIDField(help_text="The reporter's report", null=True)),
                ('language', models.CharField(max_length=12)),
                ('address', models.TextField(blank=True, default='', help_text='Where the appellant is told')),
                ('statement', models.TextField(help_text="In the appellant's words")),
                ('state', models.TextField(choices=[('waiting', 'Waits for a reviewer'), ('panel', 'With the panel'), ('decided', 'Decided')], default='waiting')),
                ('tier', models.PositiveSmallIntegerField(help_text='The lowest tier that may decide it')),
                ('received_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('outcome', models.TextField(blank=True, choices=[('upheld', 'The decision stands'), ('overturned', 'The decision was overturned'), ('changed', 'The decision was changed')], default='')),
                ('reasons', models.TextField(blank=True, default='', help_text='For colleagues; never told outside')),
                ('answer', models.TextField(blank=True, default='', help_text='In words, to the appellant')),
                ('decided_at', models.DateTimeField(null=True)),
                ('category', models.TextField()),
                ('first_tier', models.PositiveSmallIntegerField()),
                ('automated', models.BooleanField(default=False)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='review.case')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='review.decision')),
                ('deliberation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='review.deliberation')),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('new_decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='review.decision')),
                ('policy_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.policyversion')),
                ('reviewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(help_text='Who is affected', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.target')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at', 'id'], name='appeal_waiting'), models.Index(fields=['state', '-id'], name='appeal_state'), models.Index(fields=['side', '-id'], name='appeal_side'), models.Index(condition=models.Q(('state', 'decided')), fields=['decided_at'], name='appeal_decided'), models.Index(condition=models.Q(('holder__isnull', False)), fields=['holder'], name='appeal_holder'), models.Index(condition=models.Q(('deliberation__isnull', False)), fields=['deliberation'], name='appeal_panel')],
                'constraints': [models.UniqueConstraint(fields=('decision', 'side', 'report_id'), name='appeal_once_a_side', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('state', 'decided'), _negated=True), models.Q(models.Q(('outcome', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='appeal_decided_how'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('reviewer__isnull', True), models.Q(('decided_by', models.F('reviewer')), _negated=True), _connector='OR'), name='appeal_by_somebody_else')],
            },
        ),
    ]
