"""What starts and keeps processes: the Prefect server, the runner, the web server.

Processes know flows by name only."""
