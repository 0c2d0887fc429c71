"""Flows, one a stage of the lifecycle, and the ways to start them.

Whoever imports a flow imports Prefect by it, and that must not call home: importing this package
says so in the environment first.
"""

from processes.prefect_server.settings import be_silent

be_silent()
