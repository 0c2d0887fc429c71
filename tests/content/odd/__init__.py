"""Files as programs write them that nobody expects, made on the spot, with what each must give."""
