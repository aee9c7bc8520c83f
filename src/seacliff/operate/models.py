"""Signs of life."""

from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """When each worker was last alive."""

    name = models.TextField(primary_key=True, help_text="Host and process of the worker")
    began_at = models.DateTimeField(db_default=Now())
    at = models.DateTimeField()
