"""Time zones as this dialect names them (reference, part 2). Any IANA zone is taken besides; it has no id of theirs."""

from collections.abc import Mapping

from watchbill.domain.civil import zone
from watchbill.domain.errors import Invalid

# Id, name, label, code.
ROWS = (
    ("1", "Pacific/Asia", "GMT -11:00 Samoa", "SST"),
    ("2", "Pacific/Honolulu", "GMT -10:00 Hawaiian", "HAST"),
    ("3", "America/Anchorage", "GMT -09:00 Alaskan", "AKST"),
    ("4", "America/Los_Angeles", "GMT -08:00 Pacific", "PST"),
    ("5", "America/Phoenix", "GMT -07:00 Mountain", "MST"),
    ("6", "America/Chicago", "GMT -06:00 Central", "CST"),
    ("7", "America/New_York", "GMT -05:00 Eastern", "EST"),
    ("8", "America/Puerto_Rico", "GMT -04:00 Atlantic", "AST"),
    ("9", "America/St_Johns", "GMT -03:30 Newfoundland", "NST"),
    ("10", "America/Buenos_Aires", "GMT -03:00 Brasilia, BuenosAires", "BRT"),
    ("11", "Atlantic/Azores", "GMT -01:00 Azores", "AZOT"),
    ("12", "GMT", "Greenwich Mean Time", "GMT"),
    ("13", "Europe/Paris", "GMT +01:00 Western Europe", "WEST"),
    ("14", "Europe/Istanbul", "GMT +03:00 Turkey", "TRT"),
    ("15", "Africa/Addis_Ababa", "GMT +03:00 East Africa", "EAT"),
    ("16", "Asia/Tehran", "GMT +03:30 Iran", "IRST"),
    ("17", "Asia/Yerevan", "GMT +04:00 Armenia", "AMT"),
    ("18", "Asia/Karachi", "GMT +05:00 Pakistan", "PKT"),
    ("19", "Asia/Calcutta", "GMT +05:30 India", "IST"),
    ("20", "Asia/Dacca", "GMT +06:00 Bangladesh", "BDT"),
    ("21", "Asia/Saigon", "GMT +07:00 Indochina", "ICT"),
    ("22", "Asia/Shanghai", "GMT +08:00 China", "CTT"),
    ("23", "Asia/Tokyo", "GMT +09:00 Japan", "JST"),
    ("24", "Australia/Darwin", "GMT +09:30 Central Australia", "ACST"),
    ("25", "Australia/Sydney", "GMT +10:00 Eastern Australia", "AEST"),
    ("26", "Pacific/Guadalcanal", "GMT +11:00 Solomon Islands", "SBT"),
    ("27", "Pacific/Auckland", "GMT +12:00 New Zealand", "NZST"),
    ("28", "America/Denver", "GMT -07:00 Mountain, Denver", "MDT"),
)
# A name of theirs that is no zone of the IANA database.
IANA = {"Pacific/Asia": "Pacific/Pago_Pago"}
THEIRS = {iana: name for name, iana in IANA.items()}
USUAL = "UTC"

Row = Mapping[str, str]


def row(found: tuple[str, str, str, str]) -> Row:
    id, name, label, code = found
    return {"id": id, "name": name, "label": label, "code": code}


def shown(zone_name: str) -> Row:
    name = THEIRS.get(zone_name, "GMT" if zone_name == USUAL else zone_name)
    known = next((one for one in ROWS if one[1] == name), None)
    return row(known) if known else {"id": "", "name": name, "label": name, "code": name}


def zone_of(given: object, field: str) -> str:
    """The IANA name of a zone told by "name", "code" or "id" in an object, or as a text. Raises Invalid."""
    told = given if isinstance(given, dict) else {"name": given}
    for place, key in ((1, "name"), (3, "code"), (0, "id")):
        text = told.get(key)
        if not isinstance(text, str) or not text:
            continue
        known = next((one for one in ROWS if one[place].lower() == text.strip().lower()), None)
        if known is not None:
            return IANA.get(known[1], known[1])
        if key == "name" and _is_zone(text):
            return text
    raise Invalid("This time zone is not known; use a name such as America/New_York", field)


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True
