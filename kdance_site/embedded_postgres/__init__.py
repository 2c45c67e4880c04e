"""A PostgreSQL of the installation's own: started by the first connection, stopped by the last process that used it."""
