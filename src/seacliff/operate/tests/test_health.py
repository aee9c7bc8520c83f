"""Is it alive, can it serve, what waits, what is wrong."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from seacliff.enforcement.models import Delivery, Endpoint
from seacliff.operate import doctor, heartbeat, metrics, state, views
from seacliff.operate.models import Heartbeat
from seacliff.partners.charters.document import Channel
from seacliff.partners.tests.factories import charter, function
from seacliff.record.actions import SYSTEM
from seacliff.sample import pack_install
from seacliff.supervisor import CannotStart, schema

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(state.remembered, "until", 0.0)
    monkeypatch.setattr(views, "_migrated", False)


def findings():
    return " ".join(finding.text for finding in doctor.examine())


def test_a_live_process_says_so_without_the_database(client, monkeypatch):
    def away(*_args, **_options):
        raise OperationalError("away")

    monkeypatch.setattr(connection, "cursor", away)
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["The database does not answer."]


def test_it_is_ready_and_tells_of_the_worker(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert "No worker has ever run" in answer.json()["worker"]
    heartbeat.beat()
    heartbeat.beat()
    assert client.get("/readyz").json()["worker"] == "alive"
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert "for 300 s" in client.get("/readyz").json()["worker"]


def test_a_probe_by_address_is_answered_although_only_one_name_is_allowed(client, settings):
    settings.ALLOWED_HOSTS = ["safety.example"]
    for path in ("/livez", "/readyz", "/metrics"):
        assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200, path


def test_variables_that_are_set_to_nothing_count_as_not_set():
    asked = "from django.conf import settings; print(settings.DEFAULT_FROM_EMAIL, settings.MAILERS)"
    empty = {"SEACLIFF_EMAIL_URL": "", "SEACLIFF_MAIL_FROM": "", "DJANGO_SETTINGS_MODULE": "seacliff.settings"}
    said = subprocess.run([sys.executable, "-c", asked], env=os.environ | empty, capture_output=True, text=True)
    assert "@localhost" in said.stdout, said.stderr
    assert "filebased" in said.stdout


def test_a_database_half_way_to_the_gathered_tables_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'review' AND name = '0010_random_share'")
    with pytest.raises(CannotStart, match="review lacks 0010_random_share"):
        schema.migrate()


def test_missing_migrations_are_told(client, monkeypatch):
    monkeypatch.setattr("django.db.migrations.executor.MigrationExecutor.migration_plan", lambda *_: [1, 2])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["2 migrations wait: run `seacliff migrate`."])
    assert findings() == "2 migrations wait. Run `seacliff migrate`."


def test_metrics_count_requests_and_what_waits(client):
    heartbeat.beat()
    endpoint = Endpoint.objects.create(name="Product", url="https://x.example", hears=["*"])
    Delivery.objects.create(
        endpoint=endpoint,
        key=endpoint.id,
        state="dead",
        type="action.warn",
        payload={},
        next_at=timezone.now(),
        give_up_at=timezone.now(),
    )
    client.get("/livez")
    client.get("/people/none-of-these")
    said = client.get("/metrics").content.decode()
    assert 'seacliff_deliveries{state="dead"} 1.0' in said
    assert "seacliff_worker_silence_seconds" in said
    assert 'seacliff_request_seconds_count{method="GET",page="other",status="404"}' in said


def test_metrics_are_for_this_machine_or_for_who_has_the_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    settings.METRICS_TOKEN = "tök"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer nö"}).status_code == 401
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer tök").status_code == 200


def test_pages_of_any_address_make_few_series(client):
    for path in ("/cases/C-1", "/cases/C-2", "/nothing/here", "/nothing/there"):
        client.get(path)
    series = [line for line in metrics.exposition().decode().splitlines() if "_count{" in line]
    assert not [line for line in series if "C-1" in line or "nothing" in line]


def test_the_doctor_says_what_is_wrong_and_what_to_do(settings):
    said = findings()
    for sentence in ("No worker has ever run", "No product is set up", "synchronous_commit is off", "No mail goes out"):
        assert sentence in said, sentence
    heartbeat.beat()
    settings.BASE_URL = "http://seacliff.example"
    settings.SECRET_KEY = "short"
    said = findings()
    assert "No worker" not in said
    assert "http://seacliff.example, without encryption" in said
    assert "secret key is short" in said


def test_the_doctor_looks_at_evidence_and_notices(settings, tmp_path):
    pack_install.install(SYSTEM)
    assert "default notice" not in findings()
    place = tmp_path / "file"
    place.touch()
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(place)}}
    }
    assert "Evidence can't be stored" in findings()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", "can't be answered by replying"),
        ("asks@seacliff.example", ""),
        ("asks", "is no address"),
        ("asks+x@seacliff.example", "is no address"),
        (f"{'a' * 19}@seacliff.example", "is no address"),
    ],
)
def test_the_doctor_looks_at_the_reply_address(settings, address, found):
    settings.REPLY_ADDRESS = address
    said = [finding.text for finding in doctor._replies()]
    assert bool(found) == bool(said) and all(found in sentence for sentence in said)


def test_the_doctor_tells_of_a_charter_s_channel_that_nothing_serves():
    charter(function("legal"), channels=(Channel("email", "legal@lantern.example"),))
    assert list(doctor._channels()) == []
    for slug in ("communications", "engineering"):
        charter(function(slug), channels=(Channel("slack", "#comms"), Channel("email", "x@lantern.example")))
    [found] = doctor._channels()
    assert "The charter of Communications, Engineering names the channel slack, which nothing serves" in found.text
    assert found.grave and found.text in findings()
