"""Web addresses are taken apart as a browser would, and anything doubtful is none."""

import pytest

from watchbill.channels.addresses import WebAddress, parsed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://hooks.example.org", WebAddress("https", "hooks.example.org", None, "/", "", "")),
        (
            "HTTP://Hooks.Example.org:81/a b".replace(" ", "%20"),
            WebAddress("http", "hooks.example.org", 81, "/a%20b", "", ""),
        ),
        ("https://h/ü?q=ä&r=1#part", WebAddress("https", "h", None, "/%C3%BC?q=%C3%A4&r=1", "", "")),
        ("https://bücher.example/", WebAddress("https", "xn--bcher-kva.example", None, "/", "", "")),
        ("http://[2001:db8::1]:8080/x", WebAddress("http", "2001:db8::1", 8080, "/x", "", "")),
        ("https://us%40er:p%3Aw@h/", WebAddress("https", "h", None, "/", "us@er", "p:w")),
    ],
)
def test_an_address(text: str, address: WebAddress) -> None:
    assert parsed(text) == address


def test_the_host_header_has_brackets_and_the_port() -> None:
    found = parsed("http://[2001:db8::1]:8080/x")
    assert found is not None
    assert found.authority == "[2001:db8::1]:8080"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks.example.org",
        "ftp://h/",
        "http://",
        "http://h:99999/",
        "http://h:port/",
        "http://[::1",
        "http://h/a b",
        "http://h/\nHost: x",
        "http://h\\@other/",
        "http://127.0.0.1%2eexample.org/",
        "http://[fe80::1%25eth0]/",
        "https://" + "a" * 2_000 + ".org",
        "http://\u2024/",
    ],
)
def test_no_address(text: str) -> None:
    assert parsed(text) is None
