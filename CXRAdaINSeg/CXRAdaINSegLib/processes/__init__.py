"""The programs that run in processes of their own: engine, session worker, trainer, installer."""
