"""Which item is which from one crawl to the next: ids that stay with items and not with places."""
