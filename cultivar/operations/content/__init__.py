"""The tenant's content: locations, crawls, items, the explorer, an item's history."""
