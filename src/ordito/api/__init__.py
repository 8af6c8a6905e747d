"""The API: one table of endpoints, from which routes, checks, OpenAPI and tests are made."""
