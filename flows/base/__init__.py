"""What flows have in common: the kind of flow that a stage is, the claim on its subject, a gate."""
