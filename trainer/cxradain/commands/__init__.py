"""The subcommands of `cxradain`, one per file."""
