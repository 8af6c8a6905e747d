"""Customers are found by what one knows of them."""

from ordito.customers.people import list_customers, read_customers
from ordito.platform.database import Database
from tests import make


def test_customers_are_found_by_mail_phone_number_and_part_of_the_name(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    people = [
        {"name": "Anna Nowak", "email": "Anna@Example.com", "phone": "+48 600 100 200"},
        {"name": "Jan 100% Kowalski", "email": "jan@example.com"},
        {"name": "Joanna Lis", "phone": "600100300"},
    ]
    for person in people:
        make.place(shop, {"tea": 1}, customer=person)

    with db.reading(make.BOSS) as tx:
        everyone = list_customers(tx)
        anna, jan, joanna = reversed(everyone)
        assert [c.name for c in everyone] == ["Joanna Lis", "Jan 100% Kowalski", "Anna Nowak"]
        assert list_customers(tx, search=" anna@EXAMPLE.com ") == [anna]
        assert list_customers(tx, search="+48-600-100-200") == [anna]
        assert list_customers(tx, search=f"#{jan.number}") == [jan]
        assert list_customers(tx, search="ANNA") == [joanna, anna]
        assert list_customers(tx, search="0% k") == [jan]
        assert list_customers(tx, search="nobody") == []
        assert list_customers(tx, before=joanna.number, limit=1) == [jan]
        assert read_customers(tx, [anna.id])[anna.id] == anna
