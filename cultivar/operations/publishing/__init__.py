"""From a reviewed version to the live one: gates overridden, release report and sample, drift."""
