from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('value', '0001_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='ledger',
            field=models.TextField(blank=True, db_default='', default='', help_text='board.drafts.ledger_of when it was written'),
        ),
    ]
