from watchbill.channels.pocket import Pocket
from watchbill.channels.registry import Registry
from watchbill.channels.settings import SmtpSettings, WebhookSettings
from watchbill.channels.smtp import Smtp
from watchbill.channels.webhook import Webhook

FIRST = Smtp(SmtpSettings(host="mail-1.example.org", sender="pager@example.org"))
SECOND = Smtp(SmtpSettings(host="mail-2.example.org", sender="pager@example.org"))


def registry() -> Registry:
    return Registry([FIRST, Pocket(), SECOND, Webhook(WebhookSettings())])


def test_substitutes_follow_in_the_order_given() -> None:
    assert registry().providers("email") == (FIRST, SECOND)
    assert [each.name for each in registry().providers("email")] == [
        "smtp mail-1.example.org",
        "smtp mail-2.example.org",
    ]
    assert registry().providers("sms") == ()


def test_each_channel_is_described_once() -> None:
    kinds = {each.channel: each.contact_kind for each in registry().descriptions()}
    assert kinds == {"email": "email", "pocket": "pocket", "webhook": "webhook"}


def test_contacts_are_checked_without_knowing_the_channel() -> None:
    check = registry().check
    assert check("email", "ann@example.org", {}) is None
    assert check("webhook", "https://hooks.example.org/", {}) is None
    assert "such as ann@example.org" in (check("email", "ann", {}) or "")
    assert check("sms", "+1", {}) == "no provider for 'sms' is set up; there are: email, pocket, webhook"
    assert Registry([]).check("email", "x", {}) == "no provider for 'email' is set up; there are: none"


async def test_closing_closes_every_provider() -> None:
    pocket = Pocket()
    with pocket.listen():
        await Registry([FIRST, pocket]).close()
