from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from seacliff.record.tokens import id_of, id_of_plain, plain_token_of, token_of

ID = UUID("0192f0c0-0000-7000-8000-0000000000aa")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("id", [ID, *(uuid4() for _ in range(20))])
def test_one_spelling_and_no_other_opens_the_record(id):
    token = token_of("status", id)
    assert [last for last in LETTERS if id_of("status", token[:-1] + last)] == [token[-1]]
    assert id_of("status", token) == id
    plain = plain_token_of("status", id)
    assert [last for last in "abcdefghijklmnopqrstuvwxyz234567" if id_of_plain("status", plain[:-1] + last)] == [
        plain[-1]
    ]
    assert id_of_plain("status", plain.upper()) == id  # mail programs write addresses as they like


@pytest.mark.parametrize("wrong", ["", "x", "=", "é" * 38, "A" * 38, "A" * 4000, "\0"])
def test_what_is_no_token_opens_nothing(wrong):
    assert id_of("status", wrong) is None
    assert id_of_plain("status", wrong) is None


def test_a_token_is_for_one_purpose_and_outlives_a_change_of_the_key():
    token, plain = token_of("status", ID), plain_token_of("status", ID)
    assert id_of("pulse", token) is None
    assert id_of_plain("pulse", plain) is None
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert (id_of("status", token), id_of_plain("status", plain)) == (ID, ID)
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]):
        assert (id_of("status", token), id_of_plain("status", plain)) == (None, None)
