"""How the desk speaks HTTP: operations, their description, their errors, and the headers around them."""
