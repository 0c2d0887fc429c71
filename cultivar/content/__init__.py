"""What reads the world: locations, parsing, crawling, duplicates.

It writes no artifact and no registry row, and importing it loads no parser.
"""
