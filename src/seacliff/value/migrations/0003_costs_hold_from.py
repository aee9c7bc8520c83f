from django.db import migrations, models

# A version held from the day that it was published on; the first, for all that came before.
FROM_THEN_ON = "UPDATE value_assumptions SET holds_from = (live_from AT TIME ZONE 'UTC')::date WHERE number > 1"


class Migration(migrations.Migration):
    dependencies = [("value", "0002_drafts_of_a_ledger")]

    operations = [
        migrations.AddField(
            model_name="assumptions",
            name="holds_from",
            field=models.DateField(help_text="From which day on; empty: for all time before, too", null=True),
        ),
        migrations.RunSQL(FROM_THEN_ON, migrations.RunSQL.noop),
    ]
