"""A file that is wrong is answered with every mistake, its line, its place, and what would be right."""

import pytest

from tests.cli.files import applied, mistakes


def test_all_mistakes_are_told_at_once() -> None:
    assert mistakes(
        """\
        watchbill: 1
        people:
          ana:
            zone: Pacific/Auckland
            pagings: 1
            contacts:
              - {pigeon: loft}
            paging:
              - steps:
                  - {by: [smoke], timeout: 5}
          bob: [1]
        teams:
          web: {members: [anna, bob]}
        schedules:
          primary:
            zone: UTC
            layers:
              - name: Week
                start: 2026-13-01
                interval: 1y
                turns: [ana, nobody, [bob, carl]]
                restrictions: [mon-fry 09:00-17:00]
        """
    ) == [
        "org.yaml:5: people.ana.pagings: A person has no field 'pagings'. Did you mean 'paging'?",
        "org.yaml:7: people.ana.contacts[0].pigeon: A contact has no field 'pigeon'. "
        "Known are email, phone, push, pocket, webhook, chat, label, verified, active, secret, settings.",
        "org.yaml:7: people.ana.contacts[0]: A contact should have exactly one of the fields "
        "email, phone, push, pocket, webhook, chat.",
        "org.yaml:10: people.ana.paging[0].steps[0].by[0]: 'smoke' should be one of "
        "email, sms, voice, push, pocket, webhook, chat.",
        "org.yaml:10: people.ana.paging[0].steps[0].timeout: '5' should be a duration, such as 30s, 5m or 1h30m.",
        "org.yaml:11: people.bob: This should be a person: a mapping with the fields first_name, last_name, email, "
        "zone, role, active, contacts, paging, settings.",
        "org.yaml:13: teams.web.members[0]: There is no person 'anna'. Did you mean 'ana'?",
        "org.yaml:19: schedules.primary.layers[0].start: '2026-13-01' should be a time, such as 2026-01-05T09:00 "
        "or 2026-01-05T09:00+01:00.",
        "org.yaml:20: schedules.primary.layers[0].interval: '1y' should be the length of a turn, such as 1w, 1d "
        "or 12h.",
        "org.yaml:21: schedules.primary.layers[0].turns[2][1]: There is no person 'carl'. Name one that exists, or add "
        "it to this file; known: ana, bob.",
        "org.yaml:22: schedules.primary.layers[0].restrictions[0]: 'mon-fry 09:00-17:00' should be weekly hours, such "
        "as 'mon-fri 09:00-17:00'.",
    ]


def test_sections_and_version_are_checked() -> None:
    assert mistakes("peple: {}\nteams: [1]\nrules: {}\n") == [
        "org.yaml:1: watchbill: The version is missing. Write 'watchbill: 1'.",
        "org.yaml:1: peple: The file has no field 'peple'. Did you mean 'people'?",
        "org.yaml:2: teams: The section 'teams' should be a mapping of names.",
        "org.yaml:3: rules: The section 'rules' should be a list.",
    ]
    assert "org.yaml:1: watchbill: This version of the file's form is not known here. Write 'watchbill: 1'." in (
        mistakes("watchbill: 2\n")
    )


def test_a_name_is_given_once_whatever_its_capitals() -> None:
    assert mistakes("watchbill: 1\npeople:\n  ann: {}\n  ann: {zone: UTC, zone: UTC}\n  ANN: {}\n") == [
        "org.yaml:4: people.ann.zone: 'zone' is here twice; it was on line 4. Keep it once.",
        "org.yaml:4: people.ann: 'ann' is here twice; it was on line 3. Keep it once.",
        "org.yaml:5: people.ANN: 'ANN' is here twice (capitals don't count). Keep it once.",
    ]


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    assert mistakes("watchbill: 1\npeople: [\n") == [
        "org.yaml:3: This is not YAML: expected the node content, but found '<stream end>'."
    ]
    assert mistakes("watchbill: 1\n\x00") == [
        "org.yaml:2: This is not YAML: unacceptable character #x0000: special characters are not allowed."
    ]
    assert mistakes(b"watchbill: 1\n\xff\xfe") == ["org.yaml:2: The file is not text in UTF-8. Save it as UTF-8."]
    assert mistakes("") == ["org.yaml:1: The file is empty. Begin it with 'watchbill: 1'."]
    assert mistakes("a: 1\n---\nb: 1\n") == ["org.yaml:2: There are several documents. Keep one in a file."]
    assert mistakes("watchbill: !!int 1\n") == [
        "org.yaml:1: watchbill: The tag 'tag:yaml.org,2002:int' means nothing here. Remove it."
    ]


def test_a_file_that_unfolds_without_end_costs_nothing() -> None:
    lines = ["watchbill: 1", "settings:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert mistakes("\n".join(lines)) == [
        "org.yaml:8: settings.a5: This unfolds into too much. Use fewer aliases within aliases."
    ]
    assert mistakes("a: " + "[" * 10_000) == ["org.yaml:1: The file nests more than 60 deep."]
    assert mistakes("watchbill: 1\npeople: &x {a: *x}\n")[0] == (
        "org.yaml:2: people.a: '*x' names no anchor that is complete. Define '&x' above it, outside of itself."
    )


def test_anchors_and_merges_save_writing() -> None:
    org = applied(
        """
        people:
          ann: &base
            zone: Europe/Paris
            paging: &paging
              - steps: [{by: [push], timeout: 5m}]
          bob:
            <<: *base
            zone: UTC
          cyd: {paging: *paging}
        """
    )
    ann, bob, cyd = org.users.values()
    assert [user.zone for user in (ann, bob, cyd)] == ["Europe/Paris", "UTC", "UTC"]
    assert [user.paging[0].steps[0].timeout for user in (ann, bob, cyd)] == [300_000_000] * 3


def test_a_contact_named_by_a_paging_rule_is_one_of_the_person() -> None:
    assert mistakes(
        """\
        watchbill: 1
        people:
          ann:
            contacts:
              - {email: a@example.com, label: work}
              - {email: b@example.com, label: work}
              - {phone: "+33612345678", label: mobile}
            paging:
              - steps: [{by: ["email: work", "sms: work", {voice: mobile}], timeout: 1m}]
        """
    ) == [
        "org.yaml:9: people.ann.paging[0].steps[0].by[0]: Several contacts have the label 'work'. "
        "Name one by its address.",
        "org.yaml:9: people.ann.paging[0].steps[0].by[1]: This person has no phone 'work'. "
        "Name one of theirs (mobile).",
    ]


def test_half_a_character_is_refused_where_it_stands() -> None:
    assert mistakes('watchbill: 1\nteams:\n  web: {description: "\\ud800"}\n') == [
        "org.yaml:3: teams.web.description: The text has half of a character in it. Write all of it."
    ]


def test_a_character_that_json_writes_in_two_halves_is_one() -> None:
    org = applied('teams:\n  web: {description: "\\ud83d\\ude00"}\n')
    assert [team.description for team in org.teams.values()] == ["\U0001f600"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "18446744073709551616", "-9223372036854775809", "9" * 5000])
def test_a_number_that_would_come_back_as_another_is_refused(number: str) -> None:
    assert mistakes(f"watchbill: 1\nteams:\n  web:\n    settings: {{id: {number}}}\n") == [
        "org.yaml:4: teams.web.settings.id: The number is too large to be kept. Put it in quotes."
    ]


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 1234567890123456789, 0])
def test_numbers_of_64_bits_are_kept_to_the_last_digit(number: int) -> None:
    org = applied(f"teams:\n  web: {{settings: {{id: {number}}}}}\n")
    assert [team.settings for team in org.teams.values()] == [{"id": number}]
