"""Pages: HTTP in and out, one read or use-case each."""
