"""Each formula of fake_servers.auth.digests against the literal example of its RFC."""

from __future__ import annotations

import base64

import pytest

from fake_servers.auth import digests


def test_apop_gives_the_digest_of_rfc1939_section_7() -> None:
    digest = digests.apop(b"<1896.697170952@dbc.mtview.ca.us>", b"tanstaaf")
    assert digest == b"c4c9334bac560ecc979e58001b3e22fb"


@pytest.mark.parametrize(
    ("user", "secret", "challenge", "response"),
    [
        pytest.param(
            b"tim",
            b"tanstaaftanstaaf",
            "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
            "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
            id="rfc2195-section-2",
        ),
        pytest.param(
            b"fred",
            b"flintstone",
            "PENCeUxFREJoU0NnbmhNWitOMjNGNndAZWx3b29kLmlubm9zb2Z0LmNvbT4=",
            "ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==",
            id="rfc2554-section-4",
        ),
        pytest.param(
            b"rjs3",
            b"1234",
            "PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4=",
            "cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==",
            id="rfc4954-section-4.1",
        ),
    ],
)
def test_cram_md5_gives_the_response_of_the_rfc(
    user: bytes, secret: bytes, challenge: str, response: str
) -> None:
    assert digests.cram_md5(user, secret, base64.b64decode(challenge)) == base64.b64decode(response)


@pytest.mark.parametrize(
    ("authzid", "user", "secret", "message"),
    [
        pytest.param(
            b"", b"tim", b"tanstaaftanstaaf", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm", id="rfc4616"
        ),
        pytest.param(b"test", b"test", b"1234", "dGVzdAB0ZXN0ADEyMzQ=", id="rfc4954-section-4.1"),
        pytest.param(b"test", b"test", b"test", "dGVzdAB0ZXN0AHRlc3Q=", id="rfc5034-section-6"),
        pytest.param(b"Ursel", b"Kurt", b"xipj3plmq", "VXJzZWwAS3VydAB4aXBqM3BsbXE=", id="authzid"),
    ],
)
def test_plain_gives_the_message_of_the_rfc(
    authzid: bytes, user: bytes, secret: bytes, message: str
) -> None:
    assert digests.plain(authzid, user, secret) == base64.b64decode(message)


def test_oauthbearer_gives_the_message_of_rfc7628_section_4_1() -> None:
    token = b"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    message = digests.oauthbearer(b"user@example.com", b"server.example.com", b"587", token)
    assert base64.b64encode(message) == (
        b"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVy"
        b"IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    )


def test_xoauth2_gives_the_message_of_the_vendors_page() -> None:
    token = b"ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
    assert base64.b64encode(digests.xoauth2(b"someuser@example.com", token)) == (
        b"dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhk"
        b"SFJoZG1semRHRXVZMjl0Q2cBAQ=="
    )
