from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("rests_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["rests_at"], name="rate_at_rest")]},
        ),
        migrations.RunSQL("ALTER TABLE people_rate SET UNLOGGED", migrations.RunSQL.noop),
    ]
