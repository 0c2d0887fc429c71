"""People: their ids and names, and how an audit log that names them keeps its proof without them."""
