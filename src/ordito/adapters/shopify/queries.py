"""What is asked of the Admin GraphQL API, and how an order of it looks as a webhook's document."""

from typing import Any

from ordito.adapters.shopify.values import Json, member, plain_id, words

SHOP = "query { shop { name myshopifyDomain currencyCode } }"

CHANGED = """
query($filter: String!, $after: String) {
  orders(first: 100, after: $after, query: $filter, sortKey: UPDATED_AT) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}"""

_MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
_ADDRESS = """{ firstName lastName name company address1 address2 city province zip phone
  countryCodeV2 }"""
_TAXES = f"taxLines {{ title rate priceSet {_MONEY} }}"
_SHARES = f"discountAllocations {{ allocatedAmountSet {_MONEY} }}"

LINES_PER_PAGE = 50

LINES = f"""
query($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: {LINES_PER_PAGE}, after: $after) {{
      nodes {{ id sku name quantity currentQuantity requiresShipping isGiftCard variant {{ id }}
        originalUnitPriceSet {_MONEY} {_SHARES} {_TAXES} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}"""

ORDER = f"""
query($id: ID!) {{
  order(id: $id) {{
    id name createdAt processedAt updatedAt cancelledAt test taxesIncluded currencyCode
    email phone note tags displayFulfillmentStatus paymentGatewayNames
    customAttributes {{ key value }}
    totalPriceSet {_MONEY} totalTipReceivedSet {_MONEY} originalTotalDutiesSet {_MONEY}
    customer {{ id firstName lastName }}
    shippingAddress {_ADDRESS}
    billingAddress {_ADDRESS}
    shippingLines(first: 20) {{
      nodes {{ title code deliveryCategory isRemoved originalPriceSet {_MONEY} {_SHARES}
        {_TAXES} }}
    }}
    refunds(first: 50) {{
      id
      refundLineItems(first: 100) {{ nodes {{ quantity restockType lineItem {{ id }} }} }}
    }}
  }}
}}"""

WORK = """
query($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: 50) {
      nodes { id status
        lineItems(first: 100) { nodes { id remainingQuantity lineItem { id } } } }
    }
  }
}"""

FULFILMENTS = """
query($id: ID!) {
  order(id: $id) {
    fulfillments(first: 100) {
      id status trackingInfo { number }
      fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id } } }
    }
  }
}"""

FULFIL = """
mutation($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id }
    userErrors { field message }
  }
}"""

CANCELLED = "query($id: ID!) { order(id: $id) { id cancelledAt } }"

CANCEL = """
mutation($id: ID!) {
  orderCancel(orderId: $id, reason: OTHER, refund: false, restock: false, notifyCustomer: false) {
    job { id }
    orderCancelUserErrors { field message }
  }
}"""

STOCK = """
query($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) {
    ... on InventoryItem { id
      inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } }
  }
}"""

SET_STOCK = """
mutation($input: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $input) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}"""


def as_document(order: Json) -> dict[str, Any]:
    """An order of the API in the form of a webhook's, so that one reader reads both."""
    status = words(order.get("displayFulfillmentStatus")).lower()
    return {
        "admin_graphql_api_id": order.get("id"),
        "name": order.get("name"),
        "created_at": order.get("createdAt"),
        "processed_at": order.get("processedAt"),
        "updated_at": order.get("updatedAt"),
        "cancelled_at": order.get("cancelledAt"),
        "fulfillment_status": status,
        "test": order.get("test"),
        "taxes_included": order.get("taxesIncluded"),
        "currency": order.get("currencyCode"),
        "email": order.get("email"),
        "phone": order.get("phone"),
        "note": order.get("note"),
        "note_attributes": [
            {"name": extra.get("key"), "value": extra.get("value")}
            for extra in order.get("customAttributes") or []
        ],
        "tags": order.get("tags"),
        "payment_gateway_names": order.get("paymentGatewayNames"),
        "total_price_set": _money(order.get("totalPriceSet")),
        "total_tip_received_set": _money(order.get("totalTipReceivedSet")),
        "original_total_duties_set": _money(order.get("originalTotalDutiesSet")),
        "customer": _customer(member(order, "customer")),
        "shipping_address": _address(member(order, "shippingAddress")),
        "billing_address": _address(member(order, "billingAddress")),
        "line_items": [_line(line) for line in _nodes(order, "lineItems")],
        "shipping_lines": [_shipping(line) for line in _nodes(order, "shippingLines")],
        "refunds": [_refund(refund) for refund in order.get("refunds") or []],
    }


def _nodes(node: Json, name: str) -> list[Any]:
    return list(member(node, name).get("nodes") or [])


def _money(value: Any) -> dict[str, Any] | None:
    if not value:
        return None
    return {
        "shop_money": value.get("shopMoney"),
        "presentment_money": value.get("presentmentMoney"),
    }


def _customer(node: Json) -> dict[str, Any]:
    return {
        "admin_graphql_api_id": node.get("id"),
        "first_name": node.get("firstName"),
        "last_name": node.get("lastName"),
    }


def _address(node: Json) -> dict[str, Any]:
    return {
        "first_name": node.get("firstName"),
        "last_name": node.get("lastName"),
        "country_code": node.get("countryCodeV2"),
    } | {
        name: node.get(name)
        for name in (
            "name",
            "company",
            "address1",
            "address2",
            "city",
            "province",
            "zip",
            "phone",
        )
    }


def _parts(node: Json) -> dict[str, Any]:
    return {
        "discount_allocations": [
            {"amount_set": _money(share.get("allocatedAmountSet"))}
            for share in node.get("discountAllocations") or []
        ],
        "tax_lines": [
            {
                "title": tax.get("title"),
                "rate": tax.get("rate"),
                "price_set": _money(tax.get("priceSet")),
            }
            for tax in node.get("taxLines") or []
        ],
    }


def _line(node: Json) -> dict[str, Any]:
    return {
        "admin_graphql_api_id": node.get("id"),
        "variant_id": plain_id(member(node, "variant").get("id")),
        "sku": node.get("sku"),
        "name": node.get("name"),
        "quantity": node.get("quantity"),
        "current_quantity": node.get("currentQuantity"),
        "requires_shipping": node.get("requiresShipping"),
        "gift_card": node.get("isGiftCard"),
        "price_set": _money(node.get("originalUnitPriceSet")),
    } | _parts(node)


def _shipping(node: Json) -> dict[str, Any]:
    return {
        "title": node.get("title"),
        "code": node.get("code"),
        "delivery_category": node.get("deliveryCategory"),
        "is_removed": node.get("isRemoved"),
        "price_set": _money(node.get("originalPriceSet")),
    } | _parts(node)


def _refund(node: Json) -> dict[str, Any]:
    return {
        "admin_graphql_api_id": node.get("id"),
        "refund_line_items": [
            {
                "quantity": row.get("quantity"),
                "restock_type": words(row.get("restockType")).lower(),
                "line_item_id": plain_id(member(row, "lineItem").get("id")),
            }
            for row in _nodes(node, "refundLineItems")
        ],
    }
