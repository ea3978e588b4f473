"""Command lines; each module has one `main(argv=None) -> int`."""
