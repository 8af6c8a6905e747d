"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
    events,
    fulfillment,
    home,
    intake,
    inventory,
    orders,
    settings,
)

ENDPOINTS = [
    *home.ENDPOINTS,
    *orders.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *inventory.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *intake.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
]
