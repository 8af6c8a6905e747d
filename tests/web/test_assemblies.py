"""Assemblies in the browser: a recipe, a draft by it, started, booked, closed."""

from ordito.platform.database import Database
from ordito.web.pages import assemblies, inventory, products
from tests import make
from tests.flows.transfer_acts import cell
from tests.web.acts import get, location_of, post, text_of

URL = "/inventory/assemblies"


def test_an_assembly_is_drafted_by_its_recipe_made_and_closed_by_forms(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "tin": 4, "gift": 0, "cup": 1}})
    item = str(shop.items["gift"])
    recipe = f"/products/{item}/recipe"
    wrong = post(
        assemblies.save_recipe, db, recipe, form={"parts": "no 1", "version": "1"}, item=item
    )
    assert (wrong.status, "There is no item “no”" in text_of(wrong)) == (422, True)
    form = {"parts": "tea 2\ntin", "version": "1"}
    saved = post(assemblies.save_recipe, db, recipe, form=form, item=item)
    assert location_of(saved) == f"/products/{item}"
    told = get(products.show_product, db, f"/products/{item}", item=item)
    assert "One unit is made of 2 × tea, 1 × tin" in told

    draft = {"sku": "gift", "location": "A", "quantity": "4", "parts": "", "due_on": "2027-01-05",
             "step": "", "partner": "Pack & Co", "reference": "", "note": ""}  # fmt: skip
    assert location_of(post(assemblies.create, db, URL + "/new", form=draft)) == f"{URL}/1"
    at, one = f"{URL}/1", {"assembly": "1"}
    assert "Drafted: 4 × gift at A" in get(assemblies.show_assembly, db, at, **one)
    assert "Assembly 1" in get(assemblies.show_assemblies, db, URL)
    post(assemblies.start, db, at + "/start", **one)
    changed = {"due_on": "2027-01-05", "step": "Labelling", "partner": "Pack & Co",
               "reference": "", "note": "", "version": "2"}  # fmt: skip
    assert location_of(post(assemblies.edit, db, at + "/edit", form=changed, **one)) == at
    many = {"made": "9", "spoiled": "0"}
    answer = post(assemblies.book, db, at + "/book", form=many, **one)
    assert (answer.status, "4 are still to be made, not 9" in text_of(answer)) == (422, True)
    post(assemblies.book, db, at + "/book", form={"made": "2", "spoiled": "1"}, **one)
    assert cell(shop, "gift", "A") == {"available": 2, "incoming": 1}
    assert "2 × tea" in get(assemblies.close_form, db, at + "/close", **one)
    closing = {"lost": "tin 1", "words": "bent"}
    post(assemblies.close, db, at + "/close", form=closing, **one)

    page = get(assemblies.show_assembly, db, at, **one)
    assert "Spoiled: 1 unit, and with them 2 × tea, 1 × tin" in page
    assert "Step: Labelling" in page
    assert "Parts given back: 2 × tea. Thrown away: 1 × tin. bent" in page
    assert cell(shop, "tin", "A") == {}
    assert "Assembly 1" in get(assemblies.show_assemblies, db, URL + "?view=done")
    item = str(shop.items["tin"])
    assert "being made" in get(inventory.show_item, db, f"/inventory/{item}?location=A", item=item)


def test_a_draft_is_cancelled_and_takes_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "gift": 0}})
    form = {"sku": "gift", "location": "A", "quantity": "2", "parts": "tea 1", "due_on": "",
            "step": "", "partner": "", "reference": "", "note": ""}  # fmt: skip
    post(assemblies.create, db, URL + "/new", form=form)
    post(assemblies.cancel, db, f"{URL}/1/cancel", assembly="1")
    assert "Cancelled" in get(assemblies.show_assembly, db, f"{URL}/1", assembly="1")
    assert cell(shop, "tea", "A") == {"available": 9}
