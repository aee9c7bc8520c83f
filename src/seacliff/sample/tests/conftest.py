import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data():
    place = Path(os.environ.get("SEACLIFF_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))
    if not place.is_dir():
        pytest.skip(f"the third-party data is not at {place}; set SEACLIFF_DATA to its place")
    return place
