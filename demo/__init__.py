"""The demonstration: material, the lifecycle as it is played, the report."""
