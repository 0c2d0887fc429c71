"""The one Prefect server of a home: found, started, locked, started again."""
