"""The parts of what a location holds, written and read as one."""
