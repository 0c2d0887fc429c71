"""The console: pages over the operations, for people who own categories and write no commands.

Each page works as plain links and forms; one small script adds keys. It decides nothing.
"""

PREFIX = "/console"
