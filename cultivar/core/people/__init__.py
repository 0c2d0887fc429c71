"""People: their ids and names, and how an audit log keeps its proof without the names."""
