"""Open appeals by when they are due: with a panel or waiting for one, the list shows both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appeals", "0001_tables")]

    operations = [
        migrations.RemoveIndex(model_name="appeal", name="appeal_waiting"),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                fields=["due_at", "id"], name="appeal_open", condition=models.Q(("state", "decided"), _negated=True)
            ),
        ),
    ]
