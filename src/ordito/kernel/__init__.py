"""Words that every floor shares: ids, money, quantities, addresses. Imports nothing of ours."""
