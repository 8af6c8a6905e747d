"""Kits of kits: what one takes from stock, and no kit inside itself."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordito.catalog.kits import DEPTH_MAX, KitImpossible, Kits
from ordito.catalog.types import PARTS_MAX, PER_KIT_MAX

A, B, C, D, SCREW, PLATE = (UUID(int=n) for n in range(1, 7))


def test_a_kit_of_kits_takes_the_stocked_items_of_all_its_parts() -> None:
    kits = Kits({B: {SCREW: 4, PLATE: 1}})

    kits.set_parts(A, {B: 2, SCREW: 3})

    assert kits.resolve(A) == {SCREW: 11, PLATE: 2}
    assert kits.changed == {A}


def test_a_changed_kit_changes_every_kit_above_it() -> None:
    kits = Kits({A: {B: 2}, B: {C: 3}, C: {SCREW: 1}, D: {PLATE: 1}})

    kits.set_parts(C, {SCREW: 5})

    assert kits.changed == {A, B, C}
    assert kits.resolve(A) == {SCREW: 30}
    assert kits.resolve(D) == {PLATE: 1}


@pytest.mark.parametrize("parts", [{A: 1}, {B: 1}, {SCREW: 1, C: 2}])
def test_a_kit_never_contains_itself(parts: dict[UUID, int]) -> None:
    kits = Kits({A: {SCREW: 1}, B: {A: 1}, C: {B: 1}})

    with pytest.raises(KitImpossible, match="contain itself") as caught:
        kits.set_parts(A, parts)

    assert caught.value.code == "cycle"
    assert kits.resolve(C) == {SCREW: 1}
    assert not kits.changed


def test_what_no_longer_is_a_kit_takes_its_own_stock() -> None:
    kits = Kits({A: {B: 2}, B: {SCREW: 3}})

    kits.drop(B)

    assert kits.changed == {A}
    assert kits.resolve(A) == {B: 2}


def test_a_kit_too_large_is_refused_and_changes_nothing() -> None:
    kits = Kits({A: {B: 1000}, B: {SCREW: 1000}})

    with pytest.raises(KitImpossible, match=str(PER_KIT_MAX)):
        kits.set_parts(B, {SCREW: 1001})

    assert kits.resolve(A) == {SCREW: 1_000_000}


def test_a_kit_with_too_many_parts_is_refused() -> None:
    many = {UUID(int=100 + n): 1 for n in range(PARTS_MAX)}
    kits = Kits({A: many})

    with pytest.raises(KitImpossible, match=f"at most {PARTS_MAX} parts"):
        kits.set_parts(B, {A: 1, SCREW: 1})
    with pytest.raises(KeyError):
        kits.resolve(B)


def test_kits_are_so_many_levels_deep_and_no_more() -> None:
    kits = Kits({})
    kits.set_parts(UUID(int=1000), {SCREW: 1})
    for n in range(1, DEPTH_MAX):
        kits.set_parts(UUID(int=1000 + n), {UUID(int=999 + n): 1})

    with pytest.raises(KitImpossible, match="levels deep"):
        kits.set_parts(UUID(int=1000 + DEPTH_MAX), {UUID(int=999 + DEPTH_MAX): 1})
    kits.set_parts(UUID(int=1000), {PLATE: 1, SCREW: 1})
    with pytest.raises(KitImpossible, match="levels deep"):
        kits.set_parts(PLATE, {SCREW: 1})


def _naive(parts: dict[UUID, dict[UUID, int]], kit: UUID) -> dict[UUID, int]:
    pieces: dict[UUID, int] = {}
    for part, quantity in parts[kit].items():
        inner = _naive(parts, part) if part in parts else {part: 1}
        for item, per in inner.items():
            pieces[item] = pieces.get(item, 0) + quantity * per
    return pieces


ids = st.integers(1, 8).map(lambda n: UUID(int=n))


@given(
    st.lists(
        st.tuples(ids, st.dictionaries(ids, st.integers(1, 3), min_size=1, max_size=3)),
        max_size=25,
    )
)
def test_any_changes_give_what_resolving_from_scratch_gives(
    changes: list[tuple[UUID, dict[UUID, int]]],
) -> None:
    kits = Kits({})
    accepted: dict[UUID, dict[UUID, int]] = {}
    for kit, parts in changes:
        try:
            kits.set_parts(kit, parts)
        except KitImpossible:
            continue
        accepted[kit] = parts
    assert {kit: kits.resolve(kit) for kit in accepted} == {
        kit: _naive(accepted, kit) for kit in accepted
    }
