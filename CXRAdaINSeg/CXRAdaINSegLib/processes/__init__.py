"""The programs beside the window: engine, session worker, trainer, installer."""
