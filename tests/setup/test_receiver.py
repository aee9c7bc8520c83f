"""`seacliff receiver` plays the sample company's product."""

import re
import subprocess
import sys
import urllib.request

import pytest

from seacliff.sample import product_side

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_receiver_listens_and_tells_deliveries_where(transactional_db, live_server):
    import os

    from django.db import connection

    product_side.connect()
    settings = connection.settings_dict
    address = (
        f"postgresql:///{settings['NAME']}?host={settings['HOST']}&port={settings['PORT']}&user={settings['USER']}"
    )
    command = [sys.executable, "-m", "seacliff", "receiver", "--port=0"]
    with subprocess.Popen(
        command, env=os.environ | {"DATABASE_URL": address}, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            said = running.stdout.readline()
            place = re.search(r"http://127\.0\.0\.1:\d+/", said)[0]
            with urllib.request.urlopen(place, timeout=5) as page:
                assert "Nothing yet" in page.read().decode()
            assert product_side.endpoint().url == f"{place}webhooks"
        finally:
            running.kill()
