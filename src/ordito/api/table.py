"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
    data_imports,
    desk,
    events,
    files,
    fulfillment,
    home,
    intake,
    inventory,
    mails,
    orders,
    papers,
    settings,
    shops,
    webhooks,
)

ENDPOINTS = [
    *home.ENDPOINTS,
    *orders.ENDPOINTS,
    *files.ENDPOINTS,
    *desk.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *papers.ENDPOINTS,
    *inventory.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *mails.ENDPOINTS,
    *shops.ENDPOINTS,
    *intake.ENDPOINTS,
    *data_imports.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
    *webhooks.ENDPOINTS,
]
