"""schemathesis walks through every operation of the API as its description tells, and through much that it forbids."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seacliff.intake import queries
from seacliff.people.actions import issue_token
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.record.actions import SYSTEM
from seacliff.sample.seed import seed

EXAMPLES = os.environ.get("SEACLIFF_API_EXAMPLES", "5")


@pytest.mark.django_db(transaction=True)
def test_no_operation_answers_with_a_server_error(live_server, tmp_path):
    queries.forget()
    seed(reports=40)
    owner = User.objects.create_user("ada@example.org", name="Ada", roles=list(Role.values), tier=4)
    token = issue_token(SYSTEM, owner, name="all", scopes=sorted(owner.permissions))[1]
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        program, "run", f"{live_server.url}/api/v1/openapi.json", "--checks=not_a_server_error", f"--max-examples={EXAMPLES}",
        f"--header=Authorization: Bearer {token}", "--phases=examples,coverage,fuzzing", "--seed=1", "--no-color",
        "--generation-database=none", "--continue-on-failure", "--request-timeout=20",
        "--workers=2",
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=900)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    tested = re.search(r"Tested: (\d+)", ended.stdout)
    assert tested and int(tested[1]) > 50, ended.stdout[-3000:]
