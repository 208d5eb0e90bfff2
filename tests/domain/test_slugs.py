from uuid import UUID

from watchbill.domain.slugs import drawn_from, number_from, spoken, uuid_from


def test_a_drawn_name_is_always_the_same_and_differs_by_id() -> None:
    names = {drawn_from("team-", f"id {number}") for number in range(1000)}
    assert len({name.lower() for name in names}) == 1000
    assert drawn_from("team-", "id 1") in names
    assert all(len(name) == 21 and name[5:].isalnum() for name in names)


def test_a_spoken_name_reads_like_what_it_names() -> None:
    assert spoken("Équipe Paiement!", (), "team") == "equipe-paiement"
    assert spoken("日本", (), "team") == "team"
    assert spoken("Web", {"web", "web-2"}, "team") == "web-3"


def test_an_id_made_of_names_is_a_uuid_and_always_the_same() -> None:
    assert uuid_from("a", "b") == uuid_from("a", "b") != uuid_from("ab")
    assert UUID(uuid_from("a", "b")).version == 8


def test_a_number_is_always_the_same_for_one_id() -> None:
    found = [number_from(f"layer-{n}") for n in range(5000)]
    assert found == [number_from(f"layer-{n}") for n in range(5000)]
    assert len(set(found)) == 5000
    assert all(0 < number < 2**31 for number in found)


def test_of_many_with_one_name_each_gets_the_next_number() -> None:
    taken: set[str] = set()
    for _ in range(10_000):
        taken.add(spoken("Web", taken, "team"))
    assert taken == {"web", *(f"web-{number}" for number in range(2, 10_001))}
