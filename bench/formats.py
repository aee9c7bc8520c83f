"""Reading mails and XARF documents."""

import json
import time

from bench.frame import Line, alternate

COUNT = {"tiny": 20, "small": 400, "full": 4_000}


def run(size: str) -> list[Line]:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seacliff.settings")
    import django

    django.setup()
    from xarf import parse

    from seacliff.intake.formats import read_mail, read_xarf
    from seacliff.intake.tests.test_garbage import ARF, XARF
    from seacliff.intake.tests.test_mail_door import MAIL

    count = COUNT[size]
    document = json.loads(XARF)

    def per_second(work, *arguments) -> float:
        began = time.process_time()
        for _ in range(count):
            work(*arguments)
        return count / (time.process_time() - began)

    assert read_xarf(XARF).readings and read_mail(ARF).readings and read_mail(MAIL).readings
    xarf, bare = alternate(5, lambda: per_second(read_xarf, XARF), lambda: per_second(parse, document))
    arf, plain = alternate(5, lambda: per_second(read_mail, ARF), lambda: per_second(read_mail, MAIL))
    return [
        Line("XARF documents", f"{xarf:,.0f} per CPU-second", f"the bare library {bare:,.0f}", xarf / bare, 1.0),
        Line("mails with ARF", f"{arf:,.0f} per CPU-second", "300", arf / 300, 1.0),
        Line("plain mails", f"{plain:,.0f} per CPU-second", "300", plain / 300, 1.0),
    ]
