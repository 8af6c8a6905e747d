"""Orders over HTTP."""

from ordito.api.endpoints import Endpoint
from ordito.flows.place_orders import place_orders
from ordito.orders.types import PlacedOrder, PlaceOrder

ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/orders",
        tag="Orders",
        summary="Place an order",
        call=place_orders,
        ask=PlaceOrder,
        answer=PlacedOrder,
        status=201,
        problems=("out-of-stock", "already-exists"),
        example={
            "channel": "web",
            "external_id": "10042",
            "ship_to": {
                "country": "PL",
                "name": "Anna Nowak",
                "line1": "ul. Piotrkowska 1",
                "city": "Łódź",
                "postal_code": "90-001",
            },
            "lines": [{"sku": "TEA-100", "quantity": 2, "unit_price": "24.99"}],
            "customer": {"email": "anna@example.com"},
            "payment": {"method": "card"},
        },
    ),
]
