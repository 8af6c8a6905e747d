import msgspec
import pytest

from ordito.intake.presets import Preset, decode_preset, shipped_preset, shipped_presets
from ordito.intake.problems import PresetInvalid, PresetUnknown

GOOD = {
    "code": "mine",
    "title": "Mine",
    "mode": "live",
    "columns": {"Order": "order_key", "Pieces": "quantity", "Code": "sku"},
    "currency": "PLN",
}


def test_three_presets_are_shipped() -> None:
    presets = shipped_presets()
    assert list(presets) == ["online-retail", "ordito", "shopify-orders"]
    assert [preset.mode for preset in presets.values()] == ["history", "live", "live"]


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(PresetUnknown) as caught:
        shipped_preset("amazon")
    assert caught.value.extra == {"presets": ["online-retail", "ordito", "shopify-orders"]}


def test_a_preset_survives_being_stored_as_json() -> None:
    for preset in shipped_presets().values():
        assert decode_preset(msgspec.json.encode(preset)) == preset


def test_a_part_of_a_preset_can_be_replaced() -> None:
    preset = msgspec.structs.replace(shipped_preset("online-retail"), mode="live")
    assert isinstance(preset, Preset)
    assert preset.mode == "live"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"columns": {"Order": "order_key"}}, "/columns"),
        ({"required": ["placed_at"]}, "/columns"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "../../etc/passwd"}, "/timezone"),
        ({"currency": "ABC"}, "/currency"),
        ({"currency": ""}, "/currency"),
        ({"date_formats": ["iso", "%B %Y"]}, "/date_formats/1"),
        ({"date_formats": ["yesterday"]}, "/date_formats/0"),
        ({"non_stock": {"*": "fee"}}, "/non_stock"),
        ({"charge_prefixes": {"": "fee"}}, "/charge_prefixes"),
    ],
)
def test_a_preset_that_breaks_a_rule_says_where(change: dict[str, object], pointer: str) -> None:
    assert decode_preset(msgspec.json.encode(GOOD)).code == "mine"
    with pytest.raises(PresetInvalid) as caught:
        decode_preset(msgspec.json.encode({**GOOD, **change}))
    assert [fault.pointer for fault in caught.value.errors] == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": "x"}', b'{"what": 1}'])
def test_a_preset_that_is_no_preset_is_refused(body: bytes) -> None:
    with pytest.raises(PresetInvalid):
        decode_preset(body)
