"""What `autoae auto` decides: how time is divided, when to stop, what is next; it does nothing."""
