"""Getting a token, and what it opens (reference, parts 1.1 to 1.3)."""

import pytest

from tests.dialects.opsramp.ramp import FORM, Ramp
from tests.dialects.speaking import keep
from tests.stories.world import World
from watchbill.api.opsramp.auth import KIND
from watchbill.domain.civil import SECOND
from watchbill.usecases.keys import digest

BOTH = ["/auth/oauth/token", "/tenancy/auth/oauth/token", "/auth/oauth/token/"]


@pytest.mark.parametrize("path", BOTH)
def test_a_key_and_its_secret_get_a_token_at_both_addresses(client: Ramp, path: str) -> None:
    told = client.token("key2", "secret2", path)
    assert told == {
        "access_token": told["access_token"],
        "token_type": "bearer",
        "expires_in": 7199,
        "scope": "global:manage",
    }
    assert told["access_token"].isalnum()


def test_the_token_call_takes_json_too(client: Ramp) -> None:
    body = {"grant_type": "client_credentials", "client_id": "key2", "client_secret": "secret2"}
    assert client.post("/auth/oauth/token", body).expect(200)["token_type"] == "bearer"


def test_another_grant_is_refused(client: Ramp) -> None:
    form = "grant_type=user_password&client_id=key2&client_secret=secret2"
    assert client.ask("POST", "/auth/oauth/token", form, content_type=FORM).expect(400) == {
        "error": "unsupported_grant_type",
        "error_description": "Unsupported grant type: user_password",
    }


@pytest.mark.parametrize(("key", "secret"), [("key2", "wrong"), ("key1", "secret2"), ("", ""), ("key2", "%FF%00")])
def test_a_wrong_pair_gets_no_token(client: Ramp, key: str, secret: str) -> None:
    form = f"grant_type=client_credentials&client_id={key}&client_secret={secret}"
    assert client.ask("POST", "/auth/oauth/token", form, content_type=FORM).expect(401) == {
        "error": "unauthorized",
        "error_description": "Bad API credentials",
    }


def test_a_key_of_another_dialect_gets_no_token(world: World, client: Ramp) -> None:
    keep(world, "victorops-secret", "victorops", name="id")
    form = "grant_type=client_credentials&client_id=id&client_secret=victorops-secret"
    client.ask("POST", "/auth/oauth/token", form, content_type=FORM).expect(401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_compared_without_case(client: Ramp, scheme: str) -> None:
    token = client.headers["authorization"].split()[1]
    assert client.ask("GET", "nothing", authorization=f"{scheme} {token}").status == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer abc", "Bearer 6b4a5f03-7d49-4915-9792-2d964806cbd1", "Basic YTpi"]
)
def test_without_a_token_of_ours_nothing_is_said(client: Ramp, header: str) -> None:
    answer = client.ask("GET", "nothing", authorization=header)
    assert answer.expect(401)["error"] == "invalid_token"


def test_a_token_that_was_changed_is_none(client: Ramp) -> None:
    good = client.headers["authorization"]
    for place in range(len("Bearer "), len(good)):
        bad = good[:place] + ("0" if good[place] != "0" else "1") + good[place + 1 :]
        assert client.ask("GET", "nothing", authorization=bad).status == 401


def test_a_token_lasts_two_hours_less_a_second(world: World, client: Ramp) -> None:
    client.renews = False
    world.pass_(7198 * SECOND)
    client.get("nothing").expect(404)
    world.pass_(SECOND)
    assert client.get("nothing").expect(407)["error_description"] == "Access token expired"


def test_a_withdrawn_key_takes_its_tokens_with_it(world: World, client: Ramp) -> None:
    world.write(lambda tx: tx.remove_credential(digest("secret2")))
    client.get("nothing").expect(401)
    assert not world.write(lambda tx: tx.credential_named(KIND, "key2"))


def test_an_unknown_address_and_an_unknown_method(client: Ramp) -> None:
    assert client.get("nothing").expect(404)["code"] == "0005"
    assert client.delete("/auth/oauth/token").status == 405


def test_all_tokens_of_a_key_are_one_caller(world: World, client: Ramp) -> None:
    api = Ramp(world, "msp_1", 1, protection=1)
    statuses = []
    for _ in range(11):
        world.now += 1
        api.headers = {"authorization": f"Bearer {client.token('key1', 'secret1')['access_token']}"}
        statuses.append(api.get("nothing").status)
    assert statuses == [404] * 10 + [429]
