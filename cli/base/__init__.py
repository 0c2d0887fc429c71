"""What every command stands on: the program, the session, help, confirmation, flow runs."""
